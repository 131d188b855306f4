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

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_WRITE_FILE = 1 << 1
_CHANGE_FOLDER = sum(1 << bit for bit in range(4, 13))  # remove and make entries of every kind
_REFER = 1 << 13
_TRUNCATE = 1 << 14
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1, 2

_DEVICES = ("null", "zero", "full", "random", "urandom", "kfd", "dxg")
_DEVICE_FOLDERS = ("dri", "nvidia-caps", "nvidia-caps-imex-channels", "shm")
"""What libraries write to in order to compute: graphics devices, and shared memory by name."""


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def keep_to(folders: Iterable[Path]) -> bool:
    """Let this process, and what it starts, write only below `folders` and to devices.

    Reading stays as it was. Where the kernel can (6.12), signals reach only what the process
    itself has started, and sockets with abstract names likewise. Must run while the process
    has one thread: others stay free.

    Returns
    -------
    bool
        Whether the kernel does it (Linux 5.13 or newer, with Landlock switched on).
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return False
    handled = _WRITE_FILE | _CHANGE_FOLDER
    handled |= _REFER if version >= 2 else 0
    handled |= _TRUNCATE if version >= 3 else 0
    scoped = _SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if version >= 6 else 0
    rules = _Ruleset(handled, 0, scoped)
    size = ctypes.c_size_t(ctypes.sizeof(rules) if version >= 6 else 8)
    number = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), size, 0)
    if number < 0:
        return False
    try:
        for path, access in (*((f, handled) for f in folders), *_devices(handled)):
            _allow(libc, number, path, access)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return bool(libc.syscall(_RESTRICT_SELF, number, 0) == 0)
    finally:
        os.close(number)


def _devices(handled: int) -> Iterator[tuple[Path, int]]:
    on_file = handled & (_WRITE_FILE | _TRUNCATE)
    with contextlib.suppress(OSError):
        for path in Path("/dev").iterdir():
            if path.name in _DEVICE_FOLDERS:
                yield path, handled if path.name == "shm" else on_file
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
