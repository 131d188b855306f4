"""`Runner`: takes work, runs it on its lane, and sees that every job ends exactly once."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from medview.core.errors import UsageError
from medview.core.progress import Cancelled
from medview.jobs.context import JobContext, WeightsResolver, no_weights
from medview.jobs.job import Job, Outcome
from medview.jobs.ladder import Rung, Shortage, climb, rungs
from medview.jobs.lanes import Lane
from medview.jobs.outcome import Done, Failed, WasCancelled, release_frames, report_of
from medview.jobs.telling import guarded, log_of, tell_log
from medview.jobs.throttle import MIN_INTERVAL_S, ProgressMeter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from medview.core.runctx import Precision
    from medview.jobs.events import EventSink

T = TypeVar("T")
LaneName = Literal["device", "files", "tiles"]

PATIENCE_S = 2.0
"""How long a cancelled job may go on before it is given up."""
GPU_PATIENCE_S = 30.0
"""How long a given-up job may block the lane of a GPU, whose memory it still holds."""

_log = logging.getLogger("medview.jobs")


@dataclass(frozen=True, slots=True)
class _Order(Generic[T]):
    """What to do and how."""

    work: Callable[[JobContext], T]
    precisions: tuple[Precision, ...]
    reproducible: bool
    weights: WeightsResolver


class _Running:
    """A job that a thread works on."""

    def __init__(self, job: Job[Any], lane: Lane, thread: threading.Thread) -> None:
        self.job = job
        self.lane = lane
        self.thread = thread
        self.meter: ProgressMeter | None = None
        self.cancelled_at: float | None = None


class Runner:
    """Runs jobs on lanes: one per GPU, one for the CPU, one for files and one for tiles.

    Parameters
    ----------
    patience_s : float
        Seconds after which a cancelled job that does not stop is given up. It
        then counts as cancelled, its result is dropped, and its lane goes on
        with a fresh thread (a GPU's lane after `GPU_PATIENCE_S`).
    """

    def __init__(self, *, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._lanes: dict[str, Lane] = {}
        self._jobs: dict[str, Job[Any]] = {}
        self._running: dict[str, _Running] = {}
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._ticker: threading.Thread | None = None
        self._closed = False

    @property
    def jobs(self) -> tuple[Job[Any], ...]:
        """Jobs that wait or run, in the order of submission."""
        with self._changed:
            return tuple(job for job in self._jobs.values() if not job.is_over)

    def submit(
        self,
        work: Callable[[JobContext], T],
        *,
        title: str,
        device: str = "cpu",
        precisions: Sequence[Precision] = ("float32",),
        reproducible: bool = False,
        weights: WeightsResolver = no_weights,
        on_event: EventSink | None = None,
        lane: LaneName = "device",
    ) -> Job[T]:
        """Queue work and return at once.

        Parameters
        ----------
        work : callable
            Called with a fresh `JobContext` for every rung of the memory
            ladder; must call ``ctx.progress`` often.
        title : str
            For people; without identifiers.
        device : str
            As `medview.jobs.devices.choose_device` returns it.
        precisions : sequence of str
            What the model's card lists.
        weights : callable
            Gives the path of a verified weights file by name.
        on_event : callable, optional
            Receives a `JobEvent` at a time on threads of the runner (and on the
            caller's own for ``"queued"`` and for cancelling a queued job). It must
            not block; what it raises is logged.
        lane : {"device", "files", "tiles"}
            ``"device"`` is the lane of `device`; ``"files"`` is for reading and
            writing, which shall not wait behind a model; ``"tiles"`` serves the
            newest request first.

        Raises
        ------
        UsageError
            After `shutdown`.
        """
        order = _Order(work, tuple(precisions), reproducible, weights)
        with self._changed:
            if self._closed:
                raise UsageError("medview is closing and takes no more work.")
            job: Job[T] = Job(f"job-{next(self._numbers)}", title, device, guarded(on_event))
            self._jobs[job.id] = job
            target = self._lane(device if lane == "device" else lane)
            job.notify_on_cancel(lambda: self._note_cancel(job))
        job.tell("queued", text=title)
        if not target.put(lambda: self._run(job, order, target)):
            job.cancel()
        return job

    def shutdown(self, wait_s: float = 5.0) -> tuple[str, ...]:
        """Cancel everything, wait, and say what would not stop.

        Parameters
        ----------
        wait_s : float
            Seconds to wait for all threads together.

        Returns
        -------
        tuple of str
            Titles of jobs whose work still goes on. Their threads are daemons,
            so the interpreter can end all the same. A second call returns at once.
        """
        deadline = time.monotonic() + wait_s
        with self._changed:
            self._closed = True
            jobs, lanes = tuple(self._jobs.values()), tuple(self._lanes.values())
            self._changed.notify_all()
        for job in jobs:
            job.cancel()
        for lane in lanes:
            lane.close()
        for lane in lanes:
            lane.join(deadline)
        with self._changed:
            left = tuple(self._running.values())
        for running in left:
            running.job.finish(WasCancelled())
        if self._ticker is not None:
            self._ticker.join(max(0.1, deadline - time.monotonic()))
        return tuple(r.job.title for r in left)

    # ---- on a lane's thread ------------------------------------------------------

    def _run(self, job: Job[T], order: _Order[T], lane: Lane) -> None:
        running = _Running(job, lane, threading.current_thread())
        try:
            if job.start():
                self._register(running)
                outcome = self._outcome(job, order, running)
                if running.meter is not None:
                    running.meter.close()
                if job.finish(outcome):
                    tell_log(job.id, outcome)
        finally:
            with self._changed:
                self._running.pop(job.id, None)
                self._jobs.pop(job.id, None)
                self._changed.notify_all()

    def _register(self, running: _Running) -> None:
        with self._changed:
            self._running[running.job.id] = running
            if running.job.token.is_cancelled:
                running.cancelled_at = time.monotonic()
            if self._ticker is None:
                self._ticker = threading.Thread(
                    target=self._tick, name="medview-ticker", daemon=True
                )
                self._ticker.start()
            self._changed.notify_all()

    def _outcome(self, job: Job[T], order: _Order[T], running: _Running) -> Outcome[T]:
        def attempt(rung: Rung) -> T:
            job.token.check()
            meter = ProgressMeter(
                lambda p: job.tell("progress", text=p.text, fraction=p.fraction, eta_s=p.eta_s)
            )
            running.meter = meter
            context = JobContext(
                device=rung.device,
                memory=rung.memory,
                precision=rung.precision,
                reproducible=order.reproducible,
                log=log_of(job.id),
                token=job.token,
                meter=meter,
                weights=order.weights,
                on_warning=lambda notice: job.tell("warning", text=notice.message),
                fallbacks=job.fallbacks,
            )
            try:
                return order.work(context)
            finally:
                meter.close()

        def fallen(failed: Rung, following: Rung, shortage: Shortage) -> None:
            numbers = f" ({shortage})" if str(shortage) else ""
            text = f"Not enough memory {failed.words}{numbers}; trying {following.words}"
            _log.warning("%s: %s", job.id, text)
            job.fall_back(str(failed), following.device, text)
            job.token.check()

        try:
            value = climb(rungs(job.device, order.precisions), attempt, fallen)
        except Cancelled:
            return WasCancelled()
        except BaseException as error:  # noqa: BLE001  SystemExit of a model must not end the lane
            if job.token.is_cancelled:
                return WasCancelled()
            report = report_of(error)
            release_frames(error)
            return Failed(report, error)
        # A result that comes after the reader said stop is stale.
        return WasCancelled() if job.token.is_cancelled else Done(value)

    # ---- the ticker ----------------------------------------------------------------

    def _tick(self) -> None:
        while True:
            with self._changed:
                while not self._running and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                running = tuple(self._running.values())
            for entry in running:
                if entry.meter is not None:
                    entry.meter.flush()
                self._give_up(entry)
            time.sleep(MIN_INTERVAL_S)

    def _give_up(self, entry: _Running) -> None:
        if entry.cancelled_at is None:
            return
        waited = time.monotonic() - entry.cancelled_at
        if waited >= self._patience_s and entry.job.finish(WasCancelled()):
            _log.warning("%s did not stop within %.1f s; given up", entry.job.id, waited)
        blocked_for = GPU_PATIENCE_S if entry.lane.name.startswith(("cuda", "mps")) else 0.0
        if waited >= max(self._patience_s, blocked_for):
            with self._changed:
                # If it ended meanwhile, its thread may work on the next job of the lane.
                if self._running.get(entry.job.id) is entry:
                    entry.lane.replace_worker(entry.thread)

    def _note_cancel(self, job: Job[Any]) -> None:
        with self._changed:
            running = self._running.get(job.id)
            if running is not None and running.cancelled_at is None:
                running.cancelled_at = time.monotonic()
            if job.is_over:
                self._jobs.pop(job.id, None)

    def _lane(self, name: str) -> Lane:
        if name not in self._lanes:
            self._lanes[name] = Lane(name, "newest" if name == "tiles" else "oldest")
        return self._lanes[name]
