"""`Tail`: the last that a worker printed; the rest is read and dropped."""

from __future__ import annotations

import collections
import os
from typing import IO


class Tail:
    """Keeps the end of an endless output.

    Parameters
    ----------
    most_bytes : int
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._blocks: collections.deque[bytes] = collections.deque()
        self._kept = 0

    def drain(self, pipe: IO[bytes]) -> None:
        """Read until the pipe closes, so that whoever prints is never held up."""
        with pipe:
            while block := os.read(pipe.fileno(), 1 << 16):
                self._blocks.append(block[-self._most :])
                self._kept += len(self._blocks[-1])
                while self._kept - len(self._blocks[0]) >= self._most:
                    self._kept -= len(self._blocks.popleft())

    @property
    def text(self) -> str:
        """What is kept."""
        return b"".join(self._blocks).decode("utf-8", "replace")
