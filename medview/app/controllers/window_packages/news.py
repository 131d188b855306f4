"""Progress for the window: told when it changes, and often enough that a cancel takes hold."""

from __future__ import annotations

import time

from medview.core.progress import ProgressFn

_STILL_THERE_S = 0.2


def only_news(tell: ProgressFn) -> ProgressFn:
    """Pass on what is new, and what is not new at most five times a second.

    pip is looked after twenty times a second; so many messages would be work for the window
    and tell it nothing.
    """
    told: list[tuple[float | None, str]] = []
    since = 0.0

    def progress(fraction: float | None, stage: str) -> None:
        nonlocal since
        now = time.monotonic()
        if told != [(fraction, stage)] or now - since > _STILL_THERE_S:
            told[:] = [(fraction, stage)]
            since = now
            tell(fraction, stage)

    return progress
