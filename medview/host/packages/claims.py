"""`Claim`: a lock on a file, for one holder or shared; gone with its process, however that ends."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medview.host.packages.errors import PackageError

_TICK_S = 0.05
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
_BYTES = 1 << 16
"""On Windows: who shares locks one byte of these, who does not locks them all."""


class Claim:
    """Holds a lock on a file from `take` to `release`.

    Parameters
    ----------
    path : Path
        Made when it is missing; it holds nothing.
    shared : bool
        Whether others may share it; none can have it alone meanwhile.
    """

    def __init__(self, path: Path, *, shared: bool = False) -> None:
        self._path = path
        self._shared = shared
        self._number: int | None = None

    def take(self) -> bool:
        """Whether it is now ours; False while another process, or another claim, has it.

        Raises
        ------
        OSError
            If the file can be neither made nor opened.
        """
        while self._number is None:
            number = os.open(self._path, _FLAGS, 0o600)
            if not _lock(number, shared=self._shared):
                os.close(number)
                return False
            if _is_at(number, self._path):
                self._number = number
            else:
                # It was discarded in between: this lock would keep nobody out.
                os.close(number)
        return True

    def release(self) -> None:
        """Let go of it; idempotent."""
        if self._number is not None:
            os.close(self._number)
            self._number = None

    def discard(self) -> None:
        """Let go of it, and remove its file; for whoever has it alone."""
        if os.name == "posix":
            # Before it is let go, or a claim that was taken in between would lose its file.
            self._path.unlink(missing_ok=True)
        self.release()
        if os.name != "posix":
            # Here a file that anyone has open cannot be removed, which is as good.
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)


@contextmanager
def held(path: Path, wait_s: float = 30.0, what: str = "the installed models") -> Iterator[None]:
    """Hold a claim while the block runs.

    Parameters
    ----------
    path : Path
    wait_s : float
    what : str
        What is changed meanwhile, for whoever has to wait.

    Raises
    ------
    PackageError
        If another process keeps it for longer than `wait_s`, code ``packages-busy``.
    """
    claim = Claim(path)
    deadline = time.monotonic() + wait_s
    while not claim.take():
        if time.monotonic() > deadline:
            raise PackageError(
                f"Another medview is changing {what}. Try again when it is done.",
                code="packages-busy",
            )
        time.sleep(_TICK_S)
    try:
        yield
    finally:
        claim.release()


def _is_at(number: int, path: Path) -> bool:
    if os.name != "posix":
        return True
    try:
        return os.path.samestat(os.fstat(number), path.lstat())
    except FileNotFoundError:
        return False


def _lock(number: int, *, shared: bool) -> bool:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            import msvcrt

            first, count = (secrets.randbelow(_BYTES), 1) if shared else (0, _BYTES)
            os.lseek(number, first, os.SEEK_SET)
            msvcrt.locking(number, msvcrt.LK_NBLCK, count)
        else:
            import fcntl

            fcntl.flock(number, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        return True
    return False
