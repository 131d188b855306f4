"""Progress as people want it: never backwards, twenty messages a second at most, an estimate."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]

MIN_INTERVAL_S = 0.05
_ETA_AFTER_S = 1.0
_ETA_AFTER_FRACTION = 0.02


@dataclass(frozen=True, slots=True)
class Progress:
    """One state of progress: fraction 0..1 or None, the stage in words, seconds to go or None."""

    fraction: float | None
    text: str
    eta_s: float | None = None


class ProgressMeter:
    """Turns what work reports into messages that are monotone, sparse and never lost.

    A message that comes too soon is held back and replaced by the next one;
    `flush`, called by a ticker, sends it when its time has come, so the last
    stage is always told however long the work is silent afterwards.

    Parameters
    ----------
    send : callable
        Receives each `Progress` to show; never called by two threads at once.
    clock : callable
        Monotonic seconds.
    """

    def __init__(self, send: Callable[[Progress], None], clock: Clock = time.monotonic) -> None:
        self._send = send
        self._clock = clock
        self._lock = threading.RLock()
        self._started = clock()
        self._sent_at = -math.inf
        self._fraction: float | None = None
        self._text = ""
        self._held = False
        self._closed = False

    @property
    def fraction(self) -> float | None:
        """The largest fraction reported so far."""
        return self._fraction

    def report(self, fraction: float | None, text: str = "") -> None:
        """Take what the work says; an empty text keeps the stage."""
        with self._lock:
            if self._closed:
                return
            if fraction is not None and math.isfinite(fraction):
                known = 0.0 if self._fraction is None else self._fraction
                self._fraction = max(known, min(1.0, max(0.0, float(fraction))))
            self._text = text or self._text
            self._held = True
            self.flush()

    def flush(self) -> None:
        """Send what is held back if its time has come."""
        with self._lock:
            now = self._clock()
            if self._held and not self._closed and now - self._sent_at >= MIN_INTERVAL_S:
                self._held = False
                self._sent_at = now
                self._send(Progress(self._fraction, self._text, self._eta_s(now)))

    def close(self) -> None:
        """Send nothing more; waits for a message that is being sent."""
        with self._lock:
            self._closed = True

    def _eta_s(self, now: float) -> float | None:
        elapsed, fraction = now - self._started, self._fraction
        if fraction is None or fraction < _ETA_AFTER_FRACTION or elapsed < _ETA_AFTER_S:
            return None
        return elapsed * (1 - fraction) / fraction
