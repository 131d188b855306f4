"""`Pool`: workers kept warm while in use, a few of them, and ended when idle."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from medview.worker.supervise.failure import WorkerEnded
from medview.worker.supervise.limits import Limits
from medview.worker.supervise.places import sweep_after_crash
from medview.worker.supervise.process import WorkerProcess


@dataclass(eq=False)
class _Idle:
    key: str
    worker: WorkerProcess
    since: float


class Pool:
    """Lends workers by the key of their model; safe to use from several threads.

    In the background, what an application that died has left is swept.

    Parameters
    ----------
    limits : Limits
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._idle: list[_Idle] = []
        self._lent: set[WorkerProcess] = set()
        self._changed = threading.Condition()
        self._ticking = False
        self._closed = False
        atexit.register(self.close)
        # Without a thread to spare it is left to the next start.
        with suppress(RuntimeError):
            threading.Thread(target=sweep_after_crash, name="medview-sweep", daemon=True).start()

    @contextmanager
    def borrowed(self, key: str, start: Callable[[], WorkerProcess]) -> Iterator[WorkerProcess]:
        """A worker for the block: a warm one, or one that `start` makes.

        It comes back warm if it is alive and has answered what it was asked, whether the block
        raised or not. Otherwise it is ended: what it still says would be taken for an answer
        to the next.
        """
        worker = self._take(key)
        if worker is None:
            worker = start()
        with self._changed:
            self._lent.add(worker)
            unwanted = self._closed
        try:
            if unwanted:
                raise _closing()
            yield worker
        finally:
            if worker.is_busy:
                worker.kill(WorkerEnded("It was left before it answered.", code="model-ended"))
            self._give_back(key, worker)

    def check(self) -> None:
        """Raise `WorkerEnded` once the pool is closed, so that nobody waits for a worker."""
        if self._closed:
            raise _closing()

    def close(self) -> None:
        """End all workers, lent ones too."""
        with self._changed:
            self._closed = True
            workers = [entry.worker for entry in self._idle] + list(self._lent)
            self._idle.clear()
            self._changed.notify_all()
        atexit.unregister(self.close)
        for worker in workers:
            worker.close()

    @property
    def alive(self) -> int:
        """How many processes there are."""
        with self._changed:
            return len(self._idle) + len(self._lent)

    def _take(self, key: str) -> WorkerProcess | None:
        with self._changed:
            for entry in reversed(self._idle):
                if entry.key == key:
                    self._idle.remove(entry)
                    if entry.worker.is_alive:
                        return entry.worker
            return None

    def _give_back(self, key: str, worker: WorkerProcess) -> None:
        extra: list[WorkerProcess] = []
        with self._changed:
            self._lent.discard(worker)
            if worker.is_alive and not self._closed:
                self._idle.append(_Idle(key, worker, time.monotonic()))
                if not self._ticking:
                    self._ticking = True
                    threading.Thread(target=self._tick, name="medview-idle", daemon=True).start()
            else:
                extra.append(worker)
            while len(self._idle) > self.limits.most_idle:
                extra.append(self._idle.pop(0).worker)
            self._changed.notify_all()
        for old in extra:
            old.close()

    def _tick(self) -> None:
        while True:
            with self._changed:
                if self._closed or not self._idle:
                    self._ticking = False
                    return
                now = time.monotonic()
                due = [e for e in self._idle if now - e.since >= self.limits.idle_s]
                for entry in due:
                    self._idle.remove(entry)
                if not due:
                    wait = self._idle[0].since + self.limits.idle_s - now
                    self._changed.wait(max(0.01, wait))
            for entry in due:
                entry.worker.close()


def _closing() -> WorkerEnded:
    return WorkerEnded("medview is closing.", code="model-ended")
