"""Landlock: a process gives up writing outside a few folders, and reaching others by signals.

Source: Linux, ``Documentation/userspace-api/landlock.rst`` and ``include/uapi/linux/landlock.h``.
It needs no privileges, cannot be undone, and holds for all that the process starts.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_WRITE_FILE = 1 << 1
_CHANGE_FOLDER = sum(1 << bit for bit in range(4, 13))  # remove and make entries of every kind
_REFER = 1 << 13
_TRUNCATE = 1 << 14
_BIND_TCP, _CONNECT_TCP = 1, 2
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1, 2

_DEVICES = ("null", "zero", "full", "random", "urandom", "kfd", "dxg")
_DEVICE_FOLDERS = ("dri", "nvidia-caps", "nvidia-caps-imex-channels")
"""What libraries write to in order to compute: graphics devices."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


class Kept(NamedTuple):
    """What the kernel does: keep writes to the folders, and refuse TCP."""

    writes: bool = False
    tcp_refused: bool = False


def keep_to(folders: Iterable[Path], *, shared_memory: bool, network: bool) -> Kept:
    """Let this process, and what it starts, write only below `folders` and to devices.

    Reading stays as it was. Where the kernel can (6.12), signals reach only what the process
    itself has started, and sockets with abstract names likewise. Must run while the process
    has one thread: others stay free. It does not cover permissions, times and owners of files.

    Parameters
    ----------
    folders : iterable of Path
    shared_memory : bool
        Whether ``/dev/shm`` is its own; shared with others it may not be written to, since
        arrays of other models lie there.
    network : bool
        Whether it may use the network; else TCP is refused (6.7).

    Returns
    -------
    Kept
        All false where the kernel has no Landlock (Linux 5.13), or has it switched off.
    """
    if sys.platform != "linux":
        return Kept()
    libc = ctypes.CDLL(None, use_errno=True)
    version = landlock_version()
    if version < 1:
        return Kept()
    handled = _WRITE_FILE | _CHANGE_FOLDER
    handled |= _REFER if version >= 2 else 0
    handled |= _TRUNCATE if version >= 3 else 0
    tcp = _BIND_TCP | _CONNECT_TCP if version >= 4 and not network else 0
    scoped = _SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if version >= 6 else 0
    rules = _Ruleset(handled, tcp, scoped)
    size = ctypes.c_size_t(24 if version >= 6 else 16 if version >= 4 else 8)
    number = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), size, 0)
    if number < 0:
        return Kept()
    try:
        for path, access in (*((f, handled) for f in folders), *_devices(handled, shared_memory)):
            _allow(libc, number, path, access)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        done = libc.syscall(_RESTRICT_SELF, number, 0) == 0
        return Kept(done, done and bool(tcp))
    finally:
        os.close(number)


def landlock_version() -> int:
    """What this kernel can (its ABI version); 0 where it has none or has it switched off."""
    if sys.platform != "linux":
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, int(libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)))


def _devices(handled: int, shared_memory: bool) -> Iterator[tuple[Path, int]]:
    on_file = handled & (_WRITE_FILE | _TRUNCATE)
    with contextlib.suppress(OSError):
        for path in Path("/dev").iterdir():
            if path.name in _DEVICE_FOLDERS:
                yield path, on_file
            elif path.name == "shm" and shared_memory:
                yield path, handled
            elif (path.name in _DEVICES or path.name.startswith("nvidia")) and _is_device(path):
                yield path, on_file


def _is_device(path: Path) -> bool:
    try:
        return stat.S_ISCHR(path.lstat().st_mode)
    except OSError:
        return False


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, access: int) -> None:
    try:
        number = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rule = _Beneath(access, number)
        libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(number)
