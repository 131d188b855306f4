"""Jobs end exactly once, can be cancelled, and never keep the program alive."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from medview.core.errors import UnfitError, UsageError, WeightsError
from medview.core.progress import Cancelled
from medview.jobs.context import JobContext
from medview.jobs.events import JobEvent
from medview.jobs.job import IllegalTransition, Job
from medview.jobs.outcome import Done, Failed, WasCancelled
from medview.jobs.runner import Runner


@pytest.fixture
def runner() -> Iterator[Runner]:
    runner = Runner(patience_s=0.3)
    yield runner
    assert runner.shutdown(5.0) == ()


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def endless(ctx: JobContext) -> None:
    while True:
        ctx.progress(None, "working")
        time.sleep(0.002)


def test_a_job_returns_what_its_work_returns(runner: Runner) -> None:
    job = runner.submit(lambda ctx: 42, title="answer")
    assert job.future.result(5) == 42
    assert job.state == "done"
    assert job.outcome == Done(42)


def test_events_come_in_order_and_the_last_one_once(runner: Runner) -> None:
    events: list[JobEvent] = []

    def work(ctx: JobContext) -> None:
        ctx.progress(0.5, "half")
        ctx.warn("thick", "Slices are thick.")

    runner.submit(work, title="t", on_event=events.append).future.result(5)
    assert [e.kind for e in events] == ["queued", "started", "progress", "warning", "finished"]
    assert [e.state for e in events] == ["queued", "running", "running", "running", "done"]
    assert events[2].fraction == 0.5
    assert events[2].text == "half"


def test_work_that_raises_fails_with_its_exception(runner: Runner) -> None:
    def work(ctx: JobContext) -> None:
        raise UnfitError("This is a head.")

    job = runner.submit(work, title="t")
    with pytest.raises(UnfitError):
        job.future.result(5)
    assert job.state == "failed"
    assert isinstance(job.outcome, Failed)
    assert job.outcome.report.code == "unfit"
    assert job.outcome.report.message == "This is a head."


def test_work_that_ends_the_program_only_fails_its_job(runner: Runner) -> None:
    job = runner.submit(lambda ctx: sys.exit(3), title="t")
    with pytest.raises(SystemExit):
        job.future.result(5)
    assert job.state == "failed"
    assert runner.submit(lambda ctx: "alive", title="next").future.result(5) == "alive"


def test_a_failed_job_does_not_keep_the_data_of_its_frames_alive(runner: Runner) -> None:
    import weakref

    import numpy as np

    held: list[weakref.ref[object]] = []

    class Pixels:
        array = np.zeros(4)

    def work(ctx: JobContext) -> None:
        pixels = Pixels()
        held.append(weakref.ref(pixels))
        raise ValueError("no")

    job = runner.submit(work, title="t")
    assert isinstance(job.future.exception(5), ValueError)
    assert held[0]() is None


def test_a_queued_job_is_cancelled_at_once_and_never_starts(runner: Runner) -> None:
    started: list[str] = []
    blocker = runner.submit(endless, title="blocker")
    waiting = runner.submit(lambda ctx: started.append("x"), title="waiting")
    waiting.cancel()
    assert waiting.state == "cancelled"
    with pytest.raises(Cancelled):
        waiting.future.result(0)
    blocker.cancel()
    runner.submit(lambda ctx: None, title="after").future.result(5)
    assert started == []


def test_what_waits_for_a_cancelled_job_may_wait_for_other_threads(runner: Runner) -> None:
    busy = runner.submit(endless, title="busy")
    wait_until(lambda: busy.state == "running")
    queued = runner.submit(endless, title="queued")
    states: list[bool] = []

    def ask_another_thread(_: object) -> None:
        asker = threading.Thread(target=queued.cancel, daemon=True)
        asker.start()
        asker.join(2.0)
        states.append(asker.is_alive())

    queued.future.add_done_callback(ask_another_thread)
    queued.cancel()
    assert states == [False]


def test_a_running_job_stops_at_its_next_progress_call(runner: Runner) -> None:
    job = runner.submit(endless, title="t")
    wait_until(lambda: job.state == "running")
    job.cancel()
    with pytest.raises(Cancelled):
        job.future.result(5)
    assert job.state == "cancelled"
    assert job.outcome == WasCancelled()


def test_except_exception_in_a_model_does_not_swallow_the_cancellation(runner: Runner) -> None:
    def stubborn(ctx: JobContext) -> None:
        while True:
            try:
                ctx.progress(None)
            except Exception:  # noqa: BLE001, S112  what a careless author writes
                continue
            time.sleep(0.002)

    job = runner.submit(stubborn, title="t")
    wait_until(lambda: job.state == "running")
    job.cancel()
    wait_until(lambda: job.state == "cancelled")
    assert isinstance(job.future.exception(5), Cancelled)


def test_a_result_that_comes_after_cancel_is_dropped(runner: Runner) -> None:
    go = threading.Event()
    job = runner.submit(lambda ctx: go.wait(5), title="t")
    wait_until(lambda: job.state == "running")
    job.cancel()
    go.set()
    assert isinstance(job.future.exception(5), Cancelled)
    assert job.outcome == WasCancelled()


def test_a_job_that_ignores_cancel_is_given_up_and_its_lane_goes_on(runner: Runner) -> None:
    release = threading.Event()
    events: list[JobEvent] = []
    job = runner.submit(lambda ctx: release.wait(30), title="deaf", on_event=events.append)
    wait_until(lambda: job.state == "running")
    job.cancel()
    following = runner.submit(lambda ctx: "ran", title="next")
    assert following.future.result(5) == "ran"
    assert job.state == "cancelled"
    release.set()
    assert [e.kind for e in events].count("finished") == 1


def _workers() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("medview-")]


def test_cancelling_the_future_cancels_the_job(runner: Runner) -> None:
    job = runner.submit(endless, title="t")
    wait_until(lambda: job.state == "running")
    assert job.future.cancel()
    assert isinstance(job.future.exception(5), Cancelled)
    assert not job.future.cancel()


def test_a_lane_runs_one_job_at_a_time_and_lanes_run_beside_each_other(runner: Runner) -> None:
    running: set[str] = set()
    together: list[frozenset[str]] = []

    def work(name: str) -> Callable[[JobContext], None]:
        def run(ctx: JobContext) -> None:
            running.add(name)
            together.append(frozenset(running))
            time.sleep(0.03)
            running.discard(name)

        return run

    jobs = [runner.submit(work(f"cpu-{n}"), title="t") for n in range(3)]
    jobs += [runner.submit(work(f"gpu-{n}"), title="t", device="cuda:0") for n in range(3)]
    for job in jobs:
        job.future.result(10)
    for group in together:
        assert sum(n.startswith("cpu") for n in group) <= 1
        assert sum(n.startswith("gpu") for n in group) <= 1
    assert any(len(group) == 2 for group in together)


def test_files_are_read_while_a_model_runs(runner: Runner) -> None:
    model = runner.submit(endless, title="model")
    assert runner.submit(lambda ctx: "read", title="file", lane="files").future.result(5) == "read"
    assert model.state == "running"
    model.cancel()


def test_the_newest_tile_comes_first(runner: Runner) -> None:
    order: list[int] = []
    gate = threading.Event()
    first = runner.submit(lambda ctx: gate.wait(5), title="gate", lane="tiles")
    wait_until(lambda: first.state == "running")
    tiles = [
        runner.submit(lambda ctx, n=n: order.append(n), title="tile", lane="tiles")  # type: ignore[misc]
        for n in range(4)
    ]
    gate.set()
    for tile in tiles:
        tile.future.result(5)
    assert order == [3, 2, 1, 0]


def test_a_listener_that_raises_does_not_end_the_job(runner: Runner) -> None:
    def listener(event: JobEvent) -> None:
        raise RuntimeError("broken listener")

    assert runner.submit(lambda ctx: 1, title="t", on_event=listener).future.result(5) == 1


def test_without_a_resolver_weights_are_refused(runner: Runner) -> None:
    job = runner.submit(lambda ctx: ctx.weights("net.safetensors"), title="t")
    with pytest.raises(WeightsError, match=r"net\.safetensors"):
        job.future.result(5)


def test_after_shutdown_no_work_is_taken() -> None:
    runner = Runner()
    waiting = [runner.submit(endless, title="t"), runner.submit(endless, title="u")]
    assert runner.shutdown(5.0) == ()
    assert [job.state for job in waiting] == ["cancelled", "cancelled"]
    with pytest.raises(UsageError):
        runner.submit(lambda ctx: None, title="late")


def test_shutdown_names_what_does_not_stop_and_does_not_wait_for_it() -> None:
    runner = Runner()
    release = threading.Event()
    job = runner.submit(lambda ctx: release.wait(30), title="Deaf model")
    wait_until(lambda: job.state == "running")
    assert runner.shutdown(0.2) == ("Deaf model",)
    assert job.state == "cancelled"
    release.set()
    wait_until(lambda: not _workers())


def test_the_interpreter_ends_although_a_model_never_returns() -> None:
    script = (
        "import threading\n"
        "from medview.jobs.runner import Runner\n"
        "runner = Runner()\n"
        "started = threading.Event()\n"
        "def work(ctx):\n"
        "    started.set()\n"
        "    threading.Event().wait()\n"
        "runner.submit(work, title='deaf')\n"
        "started.wait(10)\n"
        "print(runner.shutdown(0.1))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "('deaf',)"
    assert done.returncode == 0, done.stderr


def test_a_job_cannot_leave_a_terminal_state() -> None:
    job: Job[int] = Job("job-1", "t", "cpu", lambda event: None)
    assert job.start()
    assert job.finish(Done(1))
    assert not job.finish(WasCancelled())
    assert not job.start()
    assert job.state == "done"
    assert job.future.result(0) == 1


def test_a_job_cannot_be_done_before_it_began() -> None:
    job: Job[int] = Job("job-1", "t", "cpu", lambda event: None)
    with pytest.raises(IllegalTransition):
        job.finish(Done(1))


def test_a_thread_that_works_on_the_next_job_already_is_not_replaced(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ticker looks at jobs of a moment ago, which may have ended meanwhile."""
    give_up = Runner._give_up
    looked, ended = threading.Event(), threading.Event()
    at_work, most = list[int](), list[int]()

    def late(self: Runner, entry: Any) -> None:
        if entry.job.title == "stubborn" and entry.cancelled_at is not None:
            looked.set()
            ended.wait(5)
            entry.cancelled_at -= 60
        give_up(self, entry)

    monkeypatch.setattr(Runner, "_give_up", late)

    def work(ctx: JobContext) -> None:
        ended.set()
        at_work.append(1)
        most.append(len(at_work))
        time.sleep(0.2)
        at_work.pop()

    stubborn = runner.submit(lambda ctx: looked.wait(5), title="stubborn")
    wait_until(lambda: stubborn.state == "running")
    after = [runner.submit(work, title=title) for title in "ab"]
    stubborn.cancel()
    for job in after:
        job.future.result(5)
    assert most == [1, 1]
