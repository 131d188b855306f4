"""`Folder`: a folder that is opened once, so that nothing put in its place is ever touched.

A worker may rename its folder and leave a link in its stead. What is read, written or removed
through the open folder stays in the first one, and no link in it is followed. Windows cannot name
what lies in an open folder: there paths are used, and a link in the place of the folder is refused.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_BY_NUMBER = os.open in os.supports_dir_fd and os.scandir in os.supports_fd
_ITSELF = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _ITSELF
_BINARY = getattr(os, "O_BINARY", 0)


class Folder:
    """Names are single ones, without a separator; the folder is closed when it is forgotten.

    Parameters
    ----------
    path : Path or str
    within : Folder, optional
        Where `path` is a name; by default it is a path.

    Raises
    ------
    OSError
        If it is no folder, or a link to one.
    """

    def __init__(self, path: Path | str, within: Folder | None = None) -> None:
        self.path: Path = Path(path) if within is None else within.path / path
        self._number: int | None = None
        if _BY_NUMBER:
            at = None if within is None else within._number
            number = self._number = os.open(path, _FOLDER, dir_fd=at)
            # Not when the interpreter ends: threads may still be at it, and the system closes all.
            weakref.finalize(self, os.close, number).atexit = False
        elif not is_folder(self.path.lstat()):
            raise NotADirectoryError(f"{self.path.name} is no folder.")

    def create(self, name: str) -> IO[bytes]:
        """A new file to write to; raises OSError where there is anything of that name."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _ITSELF | _BINARY
        return open(os.open(self._at(name), flags, 0o600, dir_fd=self._number), "wb", 0)  # noqa: PTH123

    def open(self, name: str) -> IO[bytes]:
        """A regular file to read; raises OSError for anything else, and waits for no pipe."""
        flags = os.O_RDONLY | _ITSELF | _BINARY | getattr(os, "O_NONBLOCK", 0)
        number = os.open(self._at(name), flags, dir_fd=self._number)
        if not stat.S_ISREG(os.fstat(number).st_mode):
            os.close(number)
            raise OSError(f"{name} is no file.")
        return open(number, "rb", 0)  # noqa: PTH123

    def entries(self) -> Iterator[tuple[str, os.stat_result]]:
        """Names with what lies there, links as links; what goes meanwhile is left out."""
        if self._number is None:
            _refuse_link(self.path)
            source: int | Path = self.path
        else:
            # An own position, so that two threads may look at once.
            source = os.open(".", _FOLDER, dir_fd=self._number)
        try:
            with os.scandir(source) as found:
                for entry in found:
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue
                    yield entry.name, status
        finally:
            if isinstance(source, int):
                os.close(source)

    def unlink(self, name: str) -> None:
        """Remove a file, or a link itself."""
        place = self._at(name)
        try:
            os.unlink(place, dir_fd=self._number)
        except PermissionError:
            # Windows removes no file that is read-only; the rights of a link are its target's.
            if self._number is not None or not stat.S_ISREG(os.lstat(place).st_mode):
                raise
            os.chmod(place, stat.S_IWRITE)  # noqa: PTH101
            Path(place).unlink()

    def rmdir(self, name: str) -> None:
        """Remove an empty folder."""
        os.rmdir(self._at(name), dir_fd=self._number)

    def move(self, name: str, to: Folder, new: str) -> None:
        """Move something into another folder of the same disk."""
        os.rename(self._at(name), to._at(new), src_dir_fd=self._number, dst_dir_fd=to._number)

    def allow(self, name: str | None = None) -> None:
        """Give this user every right to a folder in it, or to itself; not to what a link names."""
        if name is None:
            os.chmod(self.path if self._number is None else self._number, 0o700)  # noqa: PTH101
        elif os.chmod in os.supports_follow_symlinks:
            os.chmod(self._at(name), 0o700, dir_fd=self._number, follow_symlinks=False)
        elif sys.platform == "linux":
            # A folder without rights cannot be opened to read, only to be named.
            number = os.open(self._at(name), os.O_PATH | _FOLDER, dir_fd=self._number)
            try:
                os.chmod(f"/proc/self/fd/{number}", 0o700)  # noqa: PTH101
            finally:
                os.close(number)
        else:
            os.chmod(self._at(name), 0o700)  # noqa: PTH101

    def where(self) -> Path:
        """Where it lies now, as far as the system tells."""
        if self._number is not None and sys.platform == "linux":
            with contextlib.suppress(OSError):
                return Path(f"/proc/self/fd/{self._number}").readlink()
        return self.path

    def _at(self, name: str) -> str | Path:
        if self._number is not None:
            return name
        _refuse_link(self.path)
        return self.path / name


def is_folder(status: os.stat_result) -> bool:
    """Whether a status, of the entry itself, is that of a folder and of no link to one."""
    # On Windows a junction looks like a folder but for its tag.
    return stat.S_ISDIR(status.st_mode) and not getattr(status, "st_reparse_tag", 0)


def _refuse_link(path: Path) -> None:
    if not is_folder(path.lstat()):
        raise NotADirectoryError(f"{path.name} is no folder any more.")
