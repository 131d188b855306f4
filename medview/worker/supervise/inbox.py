"""`Inbox`: what a worker sent and nobody has read yet, bounded by its bytes."""

from __future__ import annotations

import collections
import threading
import time

from medview.worker.channel import Frame

_EACH = 512  # bytes that the shortest message occupies here


class Inbox:
    """Frames from one thread to another; a worker that sends more is slowed by its own pipe.

    Parameters
    ----------
    most_bytes : int
        What may wait; one frame always may.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._frames: collections.deque[Frame] = collections.deque()
        self._held = 0
        self._ended = False
        self._changed = threading.Condition()

    def put(self, frame: Frame) -> bool:
        """Add a frame, waiting for room; False, and nothing added, once it is over."""
        with self._changed:
            while self._held >= self._most and not self._ended:
                self._changed.wait()
            if self._ended:
                return False
            self._frames.append(frame)
            self._held += _EACH + len(frame[1])
            self._changed.notify_all()
            return True

    def get(self, seconds: float) -> Frame | None:
        """The next frame; None if none comes in this time, or ever (see `is_over`)."""
        until = time.monotonic() + seconds
        with self._changed:
            while not self._frames and not self.is_over:
                left = until - time.monotonic()
                if left <= 0:
                    return None
                self._changed.wait(left)
            if not self._frames:
                return None
            frame = self._frames.popleft()
            self._held -= _EACH + len(frame[1])
            self._changed.notify_all()
            return frame

    @property
    def is_over(self) -> bool:
        """Whether nothing is left and nothing more comes."""
        return self._ended and not self._frames

    def end(self) -> None:
        """Nothing more will be put; what waits may still be read."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def stop(self) -> None:
        """What waits is of no use any more."""
        with self._changed:
            self._ended = True
            self._frames.clear()
            self._held = 0
            self._changed.notify_all()
