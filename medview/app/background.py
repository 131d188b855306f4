"""`Background`: scans, loads and thumbnails on worker threads, with cancel; no Qt.

Model runs are not here: they go through `medview.jobs`, which knows devices and memory.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Generic, Literal, TypeVar

from medview.core.progress import Cancelled, CancelToken

T = TypeVar("T")
Lane = Literal[
    "scan",
    "load",
    "times",
    "overlays",
    "thumbnails",
    "models",
    "facts",
    "render",
    "save",
    "offers",
    "packages",
    "shelf",
    "doctor",
]
Post = Callable[[Callable[[], None]], None]
"""Takes a call from any thread and runs it on the GUI thread."""

_log = logging.getLogger(__name__)


class Task(Generic[T]):
    """One piece of work; what workers see of it, and the handle to cancel it."""

    def __init__(self, post: Post, on_progress: Callable[[float | None, str], None] | None) -> None:
        self._post = post
        self._on_progress = on_progress
        self._token = CancelToken()

    @property
    def is_cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._token.is_cancelled

    def cancel(self) -> None:
        """Stop the work at its next sign of progress; nothing of it is delivered from now on."""
        self._token.cancel()

    def progress(self, fraction: float | None, text: str = "") -> None:
        """Report progress from the worker; raises `Cancelled` after `cancel`."""
        self._token.check()
        tell = self._on_progress
        if tell is not None:
            self.deliver(lambda: tell(fraction, text))

    def deliver(self, call: Callable[[], None]) -> None:
        """Run `call` on the GUI thread, unless the task is cancelled before its turn comes."""

        def unless_cancelled() -> None:
            if not self._token.is_cancelled:
                call()

        self._post(unless_cancelled)


class Background:
    """A worker thread for each lane; results come back through `post`.

    Parameters
    ----------
    post : callable
        Runs a call on the GUI thread, e.g. ``QtBridge.call_soon``.
    """

    def __init__(self, post: Post) -> None:
        self._post = post
        self._lanes: dict[str, ThreadPoolExecutor] = {}
        self._running: dict[Task[Any], Future[None]] = {}
        self._open = True

    def start(
        self,
        lane: Lane,
        work: Callable[[Task[T]], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        on_progress: Callable[[float | None, str], None] | None = None,
    ) -> Task[T]:
        """Run `work` on the lane's thread, behind what already waits there.

        Parameters
        ----------
        lane : str
        work : callable
            Gets the task; calls its `progress` often, because that is where cancel takes hold.
        done, failed : callable
            Exactly one of them is called on the GUI thread, unless the task was cancelled.
        on_progress : callable, optional
            Called on the GUI thread with fraction and stage.
        """
        task: Task[T] = Task(self._post, on_progress)
        if not self._open:
            task.cancel()
            return task
        if lane not in self._lanes:
            self._lanes[lane] = ThreadPoolExecutor(1, thread_name_prefix=f"medview-{lane}")
        future = self._lanes[lane].submit(self._run, task, work, done, failed)
        self._running[task] = future
        future.add_done_callback(lambda _: self._running.pop(task, None))
        return task

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs or waits."""
        return not self._running

    def shutdown(self, wait_s: float) -> bool:
        """Cancel everything and wait; True if all threads came to rest in time."""
        self._open = False
        pending = dict(self._running)
        for task, future in pending.items():
            task.cancel()
            future.cancel()
        end = time.monotonic() + wait_s
        left = wait(pending.values(), timeout=max(0.0, end - time.monotonic())).not_done
        for executor in self._lanes.values():
            executor.shutdown(wait=False, cancel_futures=True)
        return not left

    @staticmethod
    def _run(
        task: Task[T],
        work: Callable[[Task[T]], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
    ) -> None:
        if task.is_cancelled:
            return
        try:
            result = work(task)
        except Cancelled:
            return
        except Exception as error:  # noqa: BLE001  whatever fails in a worker is shown, not lost
            _log.info("Background work failed: %s", type(error).__name__)
            # Bound now: Python clears the name of an exception at the end of its block.
            task.deliver(lambda error=error: failed(error))  # type: ignore[misc]
            return
        task.deliver(lambda: done(result))
