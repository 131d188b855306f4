"""A small MONAI network as a job: it runs, it can be stopped, it goes down the ladder."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from medview.core.progress import Cancelled
from medview.jobs.context import JobContext
from medview.jobs.events import JobEvent
from medview.jobs.runner import Runner

pytestmark = pytest.mark.torch

WINDOW = 32


@pytest.fixture
def runner() -> Iterator[Runner]:
    runner = Runner()
    yield runner
    assert runner.shutdown(10.0) == ()


def small_network() -> Any:
    """A seeded U-Net of two classes, a few thousand weights."""
    from medview.api import inference

    (nets,) = inference.import_monai("networks.nets")
    inference.torch.manual_seed(0)
    return nets.BasicUNet(3, 1, 2, features=(4, 4, 4, 4, 4, 4)).eval()


def segment(ctx: JobContext, volume: np.ndarray[Any, Any], batch: int) -> np.ndarray[Any, Any]:
    """Arg-max of the network over slabs of `volume`."""
    from medview.api import inference

    torch = inference.torch
    network = small_network().to(ctx.device)
    predict = ctx.watch(network, total=len(volume) // WINDOW // batch)
    out = []
    with torch.inference_mode():
        for start in range(0, len(volume), WINDOW * batch):
            slab = volume[start : start + WINDOW * batch].reshape(batch, 1, WINDOW, WINDOW, WINDOW)
            out.append(predict(torch.from_numpy(slab)).argmax(1).to(torch.uint8))
    return np.concatenate([o.numpy().reshape(-1, WINDOW, WINDOW) for o in out])


VOLUME = np.random.default_rng(1).normal(size=(4 * WINDOW, WINDOW, WINDOW)).astype(np.float32)


def test_a_network_runs_on_the_lane_and_gives_what_it_gives_outside(runner: Runner) -> None:
    import torch

    events: list[JobEvent] = []
    job = runner.submit(lambda ctx: segment(ctx, VOLUME, 2), title="t", on_event=events.append)
    result = job.future.result(120)
    with torch.inference_mode():
        windows = torch.from_numpy(VOLUME.reshape(4, 1, WINDOW, WINDOW, WINDOW))
        expected = small_network()(windows).argmax(1).numpy().reshape(VOLUME.shape)
    assert (result == expected).all()
    assert 0 < result.mean() < 1
    assert events[-1].state == "done"


def test_a_network_stops_within_two_seconds(runner: Runner) -> None:
    def work(ctx: JobContext) -> None:
        for _ in range(100_000):
            segment(ctx, VOLUME, 1)

    moving = threading.Event()
    job = runner.submit(
        work, title="t", on_event=lambda e: moving.set() if e.kind == "progress" else None
    )
    assert moving.wait(60)
    asked = time.monotonic()
    job.cancel()
    assert isinstance(job.future.exception(10), Cancelled)
    assert time.monotonic() - asked < 2.0


def test_a_network_out_of_memory_runs_in_smaller_batches(runner: Runner) -> None:
    import torch

    def work(ctx: JobContext) -> np.ndarray[Any, Any]:
        if ctx.memory == "normal":
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9.00 GiB")
        return segment(ctx, VOLUME, 1)

    job = runner.submit(work, title="t")
    assert job.future.result(60).shape == VOLUME.shape
    assert job.fallbacks == ("cpu normal float32",)


def test_a_real_allocation_that_fails_leads_down_the_ladder(runner: Runner) -> None:
    import torch

    def work(ctx: JobContext) -> str:
        if ctx.memory == "normal":
            torch.empty(2**50, dtype=torch.uint8)
        return ctx.memory

    assert runner.submit(work, title="t").future.result(60) == "tight"


def test_the_first_import_leaves_the_collector_on_and_quick() -> None:
    script = (
        "import gc, sys, threading\n"
        "from medview.api import Volume\n"
        "assert 'torch' not in sys.modules\n"
        "def work():\n"
        "    from medview.api import inference\n"
        "    (nets,) = inference.import_monai('networks.nets')\n"
        "    found.append(nets.BasicUNet.__name__)\n"
        "found = []\n"
        "threads = [threading.Thread(target=work) for _ in range(2)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "print(found, gc.isenabled(), gc.get_freeze_count() > 100_000)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.strip() == "['BasicUNet', 'BasicUNet'] True True"
