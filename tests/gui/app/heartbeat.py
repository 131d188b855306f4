"""Measures how long the event loop ever kept anybody waiting."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer

_EVERY_MS = 10


class Heartbeat:
    """Beats a hundred times a second while started.

    Attributes
    ----------
    worst_s : float
        Longest time by which a beat came late.
    beats : int
    """

    def __init__(self) -> None:
        self.worst_s = 0.0
        self.beats = 0
        self._last = 0.0
        self._timer = QTimer()
        self._timer.timeout.connect(self._beat)

    def __enter__(self) -> Heartbeat:
        """Begin."""
        self._last = time.perf_counter()
        self._timer.start(_EVERY_MS)
        return self

    def __exit__(self, *_error: object) -> None:
        """End."""
        self._beat()
        self._timer.stop()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.worst_s = max(self.worst_s, now - self._last - _EVERY_MS / 1000)
        self._last = now
        self.beats += 1
