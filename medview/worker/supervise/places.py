"""The private folders of a worker: made for it, swept with it, or after a crash by the next."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from medview.worker.folder import Folder
from medview.worker.supervise.removal import empty, remove
from medview.worker.supervise.tree import end_strays

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
    opened : tuple of Folder
        Both, whatever a model puts in their places.
    """

    arrays: Path
    home: Path
    opened: tuple[Folder, ...]

    @classmethod
    def make(cls) -> Places:
        """Fresh folders, named after this process; raises OSError where there is no room."""
        prefix = f"{_PREFIX}{os.getpid()}-"
        made: list[Path] = []
        try:
            for place in (_shared_memory(), None):
                made.append(Path(tempfile.mkdtemp(prefix=prefix, dir=place)))
            return cls(made[0], made[1], tuple(map(Folder, made)))
        except OSError:
            for path in made:
                remove(path)
            raise

    def remove(self) -> None:
        """Sweep both, with whatever a model left there or put in their places."""
        for path, folder in zip((self.arrays, self.home), self.opened, strict=True):
            empty(folder)
            moved = folder.where()
            remove(path)
            if moved != path:
                with contextlib.suppress(OSError):
                    moved.rmdir()


def _shared_memory() -> Path | None:
    return _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else None


def sweep_after_crash() -> None:
    """Remove folders of this user whose application is gone, and end what still runs in them."""
    if os.name != "posix":
        return
    for parent in {Path(tempfile.gettempdir()), _shared_memory() or Path(tempfile.gettempdir())}:
        for folder in parent.glob(f"{_PREFIX}*"):
            match = _NAME.fullmatch(folder.name)
            if match and not _is_alive(int(match[1])) and _is_ours(folder):
                # The worker itself ended with its application; what it had started did not.
                end_strays(0, folder)
                remove(folder)


def _is_ours(folder: Path) -> bool:
    try:
        return folder.lstat().st_uid == os.getuid()
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
