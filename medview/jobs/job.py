"""`Job`: one piece of work from queued to exactly one terminal state."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from medview.core.progress import Cancelled, CancelToken
from medview.jobs.events import EventKind, EventSink, JobEvent, JobState
from medview.jobs.outcome import Done, Failed, WasCancelled

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
Outcome = Done[T] | Failed | WasCancelled

_LEGAL: dict[JobState, frozenset[JobState]] = {
    "queued": frozenset({"running", "cancelled"}),
    "running": frozenset({"done", "failed", "cancelled"}),
    "done": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
}


class IllegalTransition(RuntimeError):
    """A job was moved where it cannot go: a defect of the runner, never of the work."""


class JobFuture(Future[T]):
    """The future of a job; cancelling it cancels the job."""

    def __init__(self, cancel_job: Callable[[], None]) -> None:
        super().__init__()
        self._cancel_job = cancel_job

    def cancel(self) -> bool:
        """Ask the job to stop; False where it had ended before."""
        if self.done():
            return False
        self._cancel_job()
        return True


class Job(Generic[T]):
    """A submitted piece of work. Made by `medview.jobs.runner.Runner` alone.

    Attributes
    ----------
    id : str
        Unique in its runner.
    title : str
        For the jobs panel.
    future : concurrent.futures.Future
        Resolves to the value, to the exception of the work, or to `Cancelled`.
    token : CancelToken
        Set by `cancel`.
    """

    def __init__(self, job_id: str, title: str, device: str, on_event: EventSink) -> None:
        self.id = job_id
        self.title = title
        self.token = CancelToken()
        self.future: Future[T] = JobFuture(self.cancel)
        self._device = device
        self._state: JobState = "queued"
        self._outcome: Outcome[T] | None = None
        self._fallbacks: tuple[str, ...] = ()
        self._on_event = on_event
        self._lock = threading.RLock()
        self._on_cancel: Callable[[], None] = lambda: None

    def __repr__(self) -> str:
        return f"<Job {self.id} {self._state}>"

    @property
    def state(self) -> JobState:
        """Where the job is."""
        return self._state

    @property
    def device(self) -> str:
        """What the current attempt runs on, or the next one will."""
        return self._device

    @property
    def is_over(self) -> bool:
        """Whether the state is terminal."""
        return not _LEGAL[self._state]

    @property
    def outcome(self) -> Outcome[T] | None:
        """How it ended; None while it has not."""
        return self._outcome

    @property
    def fallbacks(self) -> tuple[str, ...]:
        """Rungs of the memory ladder that failed, in order, e.g. ``"cuda:0 normal float32"``."""
        return self._fallbacks

    def cancel(self) -> None:
        """Ask the job to stop; idempotent.

        A queued job is cancelled at once. A running one stops at its next
        progress call; if it makes none within the runner's patience it is
        given up, and whatever it returns later is dropped.
        """
        self.token.cancel()
        with self._lock:
            never_began = self._state == "queued" and self._settle(WasCancelled())
        if never_began:
            self._resolve(WasCancelled())
        self._on_cancel()

    # ---- for the runner -------------------------------------------------------

    def notify_on_cancel(self, call: Callable[[], None]) -> None:
        """Have `call` told when somebody cancels."""
        self._on_cancel = call

    def start(self) -> bool:
        """Move from queued to running; False if it was cancelled before."""
        with self._lock:
            if self.is_over:
                return False
            self._move("running")
            self.tell("started", text=self.title)
            return True

    def fall_back(self, failed_rung: str, device: str, text: str) -> None:
        """Record a failed rung and tell about the next one."""
        with self._lock:
            if not self.is_over:
                self._fallbacks += (failed_rung,)
                self._device = device
                self.tell("fallback", text=text)

    def tell(
        self,
        kind: EventKind,
        *,
        text: str = "",
        fraction: float | None = None,
        eta_s: float | None = None,
    ) -> None:
        """Send one message; nothing is sent after the last one."""
        with self._lock:
            if kind == "finished" or not self.is_over:
                self._on_event(
                    JobEvent(self.id, kind, self._state, fraction, text, eta_s, self._device)
                )

    def finish(self, outcome: Outcome[T]) -> bool:
        """Take the terminal state; False if the job had one, and then `outcome` is dropped.

        Raises
        ------
        IllegalTransition
            If a job ends that never began, other than by being cancelled.
        """
        with self._lock:
            settled = self._settle(outcome)
        if settled:
            self._resolve(outcome)
        return settled

    def _settle(self, outcome: Outcome[T]) -> bool:
        with self._lock:
            if self.is_over:
                return False
            fraction: float | None = None
            match outcome:
                case Done():
                    self._move("done")
                    text, fraction = "Done", 1.0
                case Failed(report):
                    self._move("failed")
                    text = report.message
                case WasCancelled():
                    self._move("cancelled")
                    text = "Cancelled"
            self._outcome = outcome
            self.tell("finished", text=text, fraction=fraction)
            return True

    def _resolve(self, outcome: Outcome[Any]) -> None:
        # Outside the lock: callbacks of the future run here and may wait for other threads.
        match outcome:
            case Done(value):
                self.future.set_result(value)
            case Failed(_, error):
                self.future.set_exception(error)
            case WasCancelled():
                self.future.set_exception(Cancelled())

    def _move(self, to: JobState) -> None:
        if to not in _LEGAL[self._state]:
            raise IllegalTransition(f"Job {self.id} cannot go from {self._state} to {to}.")
        self._state = to
