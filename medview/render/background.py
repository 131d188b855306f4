"""How views hand work away that must not hold up the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Background(Protocol):
    """Runs pure functions elsewhere.

    ``background(work, deliver)`` calls ``work()`` on any thread and later ``deliver(result)``
    on the GUI thread; never both at once. A view that was closed ignores what is delivered.
    """

    def __call__(self, work: Callable[[], T], deliver: Callable[[T], None]) -> None:
        """Run `work` elsewhere and hand its result to `deliver`."""


def at_once(work: Callable[[], T], deliver: Callable[[T], None]) -> None:
    """Run the work here and now: for snapshots and tests."""
    deliver(work())
