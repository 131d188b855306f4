"""The private folders of a worker: made for it, swept with it, or after a crash by the next."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

_PREFIX = "medview-worker-"
_NAME = re.compile(rf"{_PREFIX}(\d+)-.+")
_MEMORY = Path("/dev/shm")  # noqa: S108  the kernel's own place for shared memory


@dataclass(frozen=True, slots=True)
class Places:
    """Folders of one worker, readable by this user alone.

    Attributes
    ----------
    arrays : Path
        Where arrays are handed over; in memory where the platform has such a place.
    home : Path
        The worker's home and temporary folder.
    """

    arrays: Path
    home: Path

    @classmethod
    def make(cls) -> Places:
        """Fresh folders, named after this process."""
        prefix = f"{_PREFIX}{os.getpid()}-"
        home = Path(tempfile.mkdtemp(prefix=prefix))
        try:
            arrays = Path(tempfile.mkdtemp(prefix=prefix, dir=_shared_memory()))
        except OSError:
            shutil.rmtree(home, ignore_errors=True)
            raise
        return cls(arrays, home)

    def remove(self) -> None:
        """Sweep both, with whatever a model left there."""
        for folder in (self.arrays, self.home):
            shutil.rmtree(folder, ignore_errors=True)


def _shared_memory() -> Path | None:
    return _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else None


def sweep_after_crash() -> None:
    """Remove folders of this user whose application is gone."""
    if os.name != "posix":
        return
    for parent in {Path(tempfile.gettempdir()), _shared_memory() or Path(tempfile.gettempdir())}:
        for folder in parent.glob(f"{_PREFIX}*"):
            match = _NAME.fullmatch(folder.name)
            if match and not _is_alive(int(match[1])) and _is_ours(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    try:
        return folder.lstat().st_uid == os.getuid() and not folder.is_symlink()
    except OSError:
        return False


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
