"""`Claim`: a file that one process at a time holds; the system lets go of it at any kind of end."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medview.host.packages.errors import PackageError

_TICK_S = 0.05


class Claim:
    """Holds a lock on a file from `take` to `release`.

    Parameters
    ----------
    path : Path
        Made when it is missing; it holds nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number: int | None = None

    def take(self) -> bool:
        """Whether it is now ours; False while another process, or another claim, has it."""
        if self._number is not None:
            return True
        number = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _lock(number):
            os.close(number)
            return False
        self._number = number
        return True

    def release(self) -> None:
        """Let go of it; idempotent."""
        if self._number is not None:
            os.close(self._number)
            self._number = None


@contextmanager
def held(path: Path, wait_s: float = 30.0) -> Iterator[None]:
    """Hold a claim while the block runs.

    Raises
    ------
    PackageError
        If another process keeps it for longer than `wait_s`.
    """
    claim = Claim(path)
    deadline = time.monotonic() + wait_s
    while not claim.take():
        if time.monotonic() > deadline:
            raise PackageError(
                "Another medview is changing the installed models. Try again when it is done.",
                code="packages-busy",
            )
        time.sleep(_TICK_S)
    try:
        yield
    finally:
        claim.release()


def _lock(number: int) -> bool:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
