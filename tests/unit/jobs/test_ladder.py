"""Running out of memory leads down the ladder, step by step, and is told."""

from __future__ import annotations

import gc
import multiprocessing
import weakref
from collections.abc import Iterator

import numpy as np
import pytest

from medview.core.errors import ModelError
from medview.jobs.context import JobContext
from medview.jobs.events import JobEvent
from medview.jobs.ladder import OutOfMemory, Rung, Shortage, climb, is_out_of_memory, rungs
from medview.jobs.runner import Runner


class OutOfMemoryError(RuntimeError):
    """Named as torch names its own."""


@pytest.fixture
def runner() -> Iterator[Runner]:
    runner = Runner()
    yield runner
    assert runner.shutdown(5.0) == ()


def test_a_gpu_goes_tight_then_lower_precision_then_cpu() -> None:
    assert [str(r) for r in rungs("cuda:1", ("float32", "bfloat16", "float16"))] == [
        "cuda:1 normal float32",
        "cuda:1 tight float32",
        "cuda:1 tight bfloat16",
        "cuda:1 tight float16",
        "cpu normal float32",
        "cpu tight float32",
    ]


def test_a_precision_that_the_card_does_not_list_is_never_tried() -> None:
    assert {r.precision for r in rungs("cuda:0", ("float32",))} == {"float32"}


def test_a_cpu_run_stays_on_the_cpu_at_full_precision() -> None:
    assert [str(r) for r in rungs("cpu", ("float32", "float16"))] == [
        "cpu normal float32",
        "cpu tight float32",
    ]


def numpy_memory_error() -> MemoryError:
    try:
        np.empty((10**7, 10**7, 10**4))
    except MemoryError as error:
        return error
    raise AssertionError("so large an array cannot exist")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        numpy_memory_error(),
        OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("MPS backend out of memory"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    ],
    ids=["python", "numpy", "torch", "torch-cpu", "mps", "cudnn"],
)
def test_every_way_of_running_out_of_memory_is_known(error: Exception) -> None:
    assert is_out_of_memory(error)


def test_other_errors_are_not_taken_for_a_lack_of_memory() -> None:
    assert not is_out_of_memory(RuntimeError("size mismatch for conv.weight"))
    assert not is_out_of_memory(ValueError("out of memory"))


def test_an_error_that_the_host_wrapped_is_still_recognised() -> None:
    error = ModelError("The model failed.")
    error.__cause__ = OutOfMemoryError("CUDA out of memory")
    assert is_out_of_memory(error)


def test_memory_of_the_failed_attempt_is_free_before_the_next_one() -> None:
    class Tensor:
        myself: Tensor

    held: list[weakref.ref[Tensor]] = []
    alive_at_retry: list[bool] = []

    def attempt(rung: Rung) -> str:
        if held:
            alive_at_retry.append(held[0]() is not None)
            return "done"
        tensor = Tensor()
        tensor.myself = tensor  # a cycle, as autograd graphs have
        held.append(weakref.ref(tensor))
        raise MemoryError

    gc.disable()
    try:
        assert climb(rungs("cpu", ()), attempt, lambda *_: None) == "done"
    finally:
        gc.enable()
    assert alive_at_retry == [False]


def test_an_error_of_another_kind_is_not_retried() -> None:
    tried: list[Rung] = []

    def attempt(rung: Rung) -> None:
        tried.append(rung)
        raise KeyError("x")

    with pytest.raises(KeyError):
        climb(rungs("cuda:0", ()), attempt, lambda *_: None)
    assert len(tried) == 1


def test_the_numbers_of_torch_and_numpy_messages_are_understood() -> None:
    def attempt(rung: Rung) -> None:
        raise OutOfMemoryError("CUDA out of memory. Tried to allocate 20.50 GiB. GPU 0 has ...")

    with pytest.raises(OutOfMemory) as caught:
        climb(rungs("cpu", ()), attempt, lambda *_: None)
    assert caught.value.shortage.needed == int(20.5 * 2**30)
    assert "20.50 GiB needed" in caught.value.message
    assert caught.value.shortage.total is not None


def test_out_of_memory_survives_the_way_between_processes() -> None:
    error = OutOfMemory((Rung("cpu", "tight", "float32"),), Shortage(2**30, None, 2**31))
    receiver, sender = multiprocessing.Pipe(duplex=False)
    with receiver, sender:
        sender.send(error)
        again = receiver.recv()
    assert again.message == error.message
    assert again.shortage == error.shortage
    assert again.code == "out-of-memory"


def test_a_job_records_each_rung_and_tells_it(runner: Runner) -> None:
    events: list[JobEvent] = []

    def work(ctx: JobContext) -> tuple[str, str, str, tuple[str, ...]]:
        ctx.progress(0.9, "almost")
        if ctx.device != "cpu":
            raise OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        ctx.warn("slow", "This runs on the CPU.")
        return ctx.device, ctx.memory, ctx.precision, ctx.fallbacks

    job = runner.submit(
        work,
        title="t",
        device="cuda:0",
        precisions=("float32", "float16"),
        on_event=events.append,
    )
    fallen = ("cuda:0 normal float32", "cuda:0 tight float32", "cuda:0 tight float16")
    assert job.future.result(5) == ("cpu", "normal", "float32", fallen)
    assert job.fallbacks == fallen
    assert job.device == "cpu"
    told = [e for e in events if e.kind == "fallback"]
    assert [e.device for e in told] == ["cuda:0", "cuda:0", "cpu"]
    assert told[0].text.startswith("Not enough memory on the GPU (cuda:0) (2.00 GiB needed")
    assert told[0].text.endswith("; trying on the GPU (cuda:0), saving memory")
    assert told[1].text.endswith("; trying on the GPU (cuda:0), saving memory, in half precision")
    assert told[2].text.endswith("; trying on the CPU")


def test_warnings_of_a_failed_attempt_are_not_those_of_the_result(runner: Runner) -> None:
    def work(ctx: JobContext) -> tuple[str, ...]:
        ctx.warn(ctx.memory, "A remark of this attempt.")
        if ctx.memory == "normal":
            raise MemoryError
        return tuple(w.code for w in ctx.warnings)

    assert runner.submit(work, title="t").future.result(5) == ("tight",)


def test_a_job_that_fails_on_every_rung_says_so(runner: Runner) -> None:
    def work(ctx: JobContext) -> None:
        raise MemoryError("Unable to allocate 74.5 GiB for an array")

    job = runner.submit(work, title="t")
    error = job.future.exception(5)
    assert isinstance(error, OutOfMemory)
    assert "74.50 GiB needed" in error.message
    assert "Tried on the CPU; on the CPU, saving memory. Close" in error.message
    assert job.fallbacks == ("cpu normal float32",)
    assert job.state == "failed"


def test_cancel_between_two_rungs_ends_the_job(runner: Runner) -> None:
    attempts: list[str] = []
    jobs: list[object] = []

    def work(ctx: JobContext) -> None:
        attempts.append(ctx.memory)
        job.cancel()
        raise MemoryError

    job = runner.submit(work, title="t", lane="files")
    jobs.append(job)
    assert isinstance(job.future.exception(5), BaseException)
    assert job.state == "cancelled"
    assert attempts == ["normal"]
