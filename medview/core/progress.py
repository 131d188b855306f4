"""How long work reports progress and learns that it was cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable

ProgressFn = Callable[[float | None, str], None]
"""Called with a fraction in 0..1 (None while unknown) and a stage in words; raises `Cancelled`."""


class Cancelled(BaseException):
    """The user stopped the work.

    Derives from BaseException so that ``except Exception`` in a plugin cannot
    swallow it (asyncio's CancelledError made the same choice).
    """


class CancelToken:
    """A flag set by one thread and checked by another."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop; idempotent."""
        self._event.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if `cancel` was called."""
        if self._event.is_set():
            raise Cancelled


def ignore_progress(fraction: float | None, text: str) -> None:
    """Accept progress and do nothing with it."""
