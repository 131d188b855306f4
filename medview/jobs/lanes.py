"""`Lane`: a queue with one worker thread that can be replaced when work does not come back."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Literal

Order = Literal["oldest", "newest"]
Task = Callable[[], None]


class Lane:
    """Runs tasks one after the other on a thread of its own.

    Threads are daemons and not those of `concurrent.futures`, whose executors
    are joined when the interpreter ends: a model that never returns would
    then keep the program alive.

    Parameters
    ----------
    name : str
    order : {"oldest", "newest"}
        Which waiting task comes next. ``"newest"`` suits tiles: what the
        reader looks at now was asked for last.
    """

    def __init__(self, name: str, order: Order = "oldest") -> None:
        self.name = name
        self._order = order
        self._tasks: deque[Task] = deque()
        self._changed = threading.Condition()
        self._worker: threading.Thread | None = None
        self._threads: list[threading.Thread] = []
        self._closed = False

    def put(self, task: Task) -> bool:
        """Queue a task, which must not raise; False, and nothing queued, if the lane is closed."""
        with self._changed:
            if self._closed:
                return False
            self._tasks.append(task)
            if self._worker is None:
                self._start()
            self._changed.notify_all()
            return True

    def replace_worker(self, lost: threading.Thread) -> bool:
        """Let a fresh thread take over from `lost`, which ends when its task returns.

        Returns False if `lost` is not the current worker.
        """
        with self._changed:
            if self._worker is not lost or self._closed:
                return False
            self._start()
            return True

    def close(self) -> None:
        """Take no more tasks, forget those that wait, and end the worker after its task."""
        with self._changed:
            self._closed = True
            self._tasks.clear()
            self._changed.notify_all()

    def join(self, deadline: float) -> bool:
        """Wait until `time.monotonic` reaches `deadline` for all threads; whether they ended."""
        for thread in list(self._threads):
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))
        return not any(t.is_alive() for t in self._threads)

    def _start(self) -> None:
        self._threads = [t for t in self._threads if t.is_alive()]
        worker = threading.Thread(target=self._work, name=f"medview-{self.name}", daemon=True)
        self._worker = worker
        self._threads.append(worker)
        worker.start()

    def _next(self) -> Task | None:
        me = threading.current_thread()
        with self._changed:
            while not self._tasks and not self._closed and self._worker is me:
                self._changed.wait()
            if self._closed or self._worker is not me:
                return None
            return self._tasks.popleft() if self._order == "oldest" else self._tasks.pop()

    def _work(self) -> None:
        while (task := self._next()) is not None:
            task()
            # A finished task must not stay alive, with all it holds, while the lane waits.
            del task
