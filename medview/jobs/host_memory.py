"""Free and total main memory of this computer, without a further dependency."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

Numbers = tuple[int | None, int | None]
"""Bytes that are free, and in all; None where the system does not say."""


def host_memory() -> Numbers:
    """Available and total bytes of main memory."""
    if sys.platform == "linux":
        return _linux()
    if sys.platform == "win32":
        return _windows()
    return _posix()


def _linux() -> Numbers:
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        kib = {name: int(rest.split()[0]) for name, rest in (ln.split(":", 1) for ln in lines)}
        return kib["MemAvailable"] * 1024, kib["MemTotal"] * 1024
    except (OSError, KeyError, ValueError):
        return None, None


def _posix() -> Numbers:
    # macOS counts its pages but does not say how many are free this way.
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None, None
    return None, total


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API."""

    _fields_ = (
        ("length", ctypes.c_ulong),
        ("load", ctypes.c_ulong),
        ("total_physical", ctypes.c_ulonglong),
        ("free_physical", ctypes.c_ulonglong),
        ("total_page_file", ctypes.c_ulonglong),
        ("free_page_file", ctypes.c_ulonglong),
        ("total_virtual", ctypes.c_ulonglong),
        ("free_virtual", ctypes.c_ulonglong),
        ("free_extended_virtual", ctypes.c_ulonglong),
    )


def _windows() -> Numbers:
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    kernel = ctypes.CDLL("kernel32")
    if not kernel.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None, None
    return int(status.free_physical), int(status.total_physical)
