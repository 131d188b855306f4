"""`Blocks`: arrays in shared memory, as files of a private folder that both sides know.

Files rather than anonymous memory, because a folder is swept in one step
however its users ended, and works alike on every platform. On Linux the folder
lies in memory. The application never maps what a worker can write: a file that
shrinks under a mapping ends the process that reads it. It reads such files
instead, which at worst comes up short.
"""

from __future__ import annotations

import contextlib
import math
import mmap
import os
import re
import weakref
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.worker.folder import Folder, is_folder
from medview.worker.structure import CodecError

_DTYPES = frozenset(["b1", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"])
_NAME = re.compile(r"[a-z]{1,8}\d{1,12}")
_SLAB = 8 << 20
_MOST_FILES = 4096


class Blocks:
    """Writes, maps and reads arrays in one folder.

    Parameters
    ----------
    folder : Path
        Readable by this user alone.
    prefix : str
        Lower-case letters; each side names its own files.

    Raises
    ------
    OSError
        If the folder cannot be opened.
    """

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder = Folder(folder)
        self._prefix = prefix
        self._count = 0
        self._ours = ("", 0)
        self._lent: tuple[weakref.ref[NDArray[np.generic]], dict[str, Any]] | None = None

    def put(self, array: NDArray[np.generic]) -> dict[str, Any]:
        """Write an array and return the JSON that names it.

        Raises
        ------
        CodecError
            If its values are neither numbers nor flags.
        OSError
            If there is no room.
        """
        kind = array.dtype.str[1:]
        if kind not in _DTYPES:
            raise CodecError(f"An array of {array.dtype} cannot be handed over.")
        whole = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
        self._count += 1
        name = f"{self._prefix}{self._count}"
        flat = whole.reshape(-1).view(np.uint8).data
        with self._folder.create(name) as file:
            at = 0
            while at < len(flat):
                at += file.write(flat[at : at + _SLAB])
        return {"block": name, "dtype": kind, "shape": list(array.shape)}

    def lend(self, array: NDArray[np.generic]) -> dict[str, Any]:
        """As `put`, but the same read-only array again costs nothing while it is alive.

        One array at a time: a worker mostly sees one series, again and again.
        """
        if self._lent is not None and self._lent[0]() is array:
            return self._lent[1]
        self._lent = None
        self.clear()
        told = self.put(array)
        folder, name = self._folder, str(told["block"])
        self._ours = (name, array.nbytes)

        def forget(_gone: weakref.ref[NDArray[np.generic]]) -> None:
            with contextlib.suppress(OSError):
                folder.unlink(name)

        if not array.flags.writeable:
            self._lent = (weakref.ref(array, forget), told)
        return told

    def map(self, data: object) -> NDArray[np.generic]:
        """An array that shares the file's memory; writing to it is impossible."""
        name, dtype, shape, size = _checked(data)
        if size == 0:
            return np.empty(shape, dtype)
        with self._folder.open(name) as file:
            memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return np.frombuffer(memory, dtype, math.prod(shape)).reshape(shape)

    def take(self, data: object, most_bytes: int) -> NDArray[np.generic]:
        """A copy of an array that the other side wrote; its file is removed.

        Raises
        ------
        CodecError
            If it is larger than `most_bytes`, or the file is not what was announced.
        """
        name, dtype, shape, size = _checked(data)
        if size > most_bytes:
            raise CodecError(f"An array of {size >> 20} MiB is more than this source can need.")
        try:
            with self._folder.open(name) as file:
                if os.fstat(file.fileno()).st_size != size:
                    raise CodecError("An array is not as long as it says.")
                array = np.empty(shape, dtype)
                _fill(file, array)
        except OSError as error:
            raise CodecError("An array that was announced is not there.") from error
        with contextlib.suppress(OSError):
            self._folder.unlink(name)
        return array

    def clear(self) -> None:
        """Remove every file of both sides, also what was never taken, but not what is lent."""
        lent = self._lent[1]["block"] if self._lent is not None else None
        with contextlib.suppress(OSError):
            for name, _status in self._folder.entries():
                # A folder, or a file that Windows holds, stays until the worker's end.
                with contextlib.suppress(OSError):
                    if name != lent:
                        self._folder.unlink(name)

    def foreign_bytes(self) -> int:
        """How much lies there beside what was lent; may be asked from any thread.

        Raises
        ------
        CodecError
            If there are folders, or more files than any result needs.
        """
        total, files = 0, 0
        lent, size = self._ours
        with contextlib.suppress(OSError):
            for name, status in self._folder.entries():
                files += 1
                if is_folder(status) or files > _MOST_FILES:
                    raise CodecError("It keeps other things where arrays are handed over.")
                # Files may have holes, which occupy nothing; Windows does not tell.
                blocks = getattr(status, "st_blocks", None)
                held = status.st_size if blocks is None else blocks * 512
                total += max(0, held - size) if name == lent else held
        return total


def _fill(file: Any, array: NDArray[np.generic]) -> None:
    flat = array.reshape(-1).view(np.uint8).data if array.size else memoryview(b"")
    at = 0
    while at < len(flat):
        got = file.readinto(flat[at : at + _SLAB])
        if not got:
            raise CodecError("An array ends before its end.")
        at += got


def _checked(data: object) -> tuple[str, np.dtype[Any], tuple[int, ...], int]:
    match data:
        case {"block": str(name), "dtype": str(kind), "shape": list(lengths)} if (
            _NAME.fullmatch(name) and kind in _DTYPES and len(lengths) <= 4
        ):
            if all(type(n) is int and 0 <= n < 2**40 for n in lengths):
                dtype = np.dtype(kind)
                return name, dtype, tuple(lengths), math.prod(lengths) * dtype.itemsize
    raise CodecError("What names an array is not in order.")
