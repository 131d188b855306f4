"""`JobObject`: on Windows, what holds a worker and all that it starts, and limits its memory.

Source: Windows API, "Job Objects", ``winnt.h`` and ``jobapi2.h``.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

_EXTENDED_LIMIT_INFORMATION = 9
_LIMIT_PROCESS_MEMORY = 0x00000100
_LIMIT_JOB_MEMORY = 0x00000200
_LIMIT_DIE_ON_UNHANDLED_EXCEPTION = 0x00000400
_LIMIT_KILL_ON_JOB_CLOSE = 0x00002000
_ENDED = 1


class BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION."""

    _fields_ = (
        ("per_process_user_time", ctypes.c_int64),
        ("per_job_user_time", ctypes.c_int64),
        ("limit_flags", ctypes.c_uint32),
        ("minimum_working_set", ctypes.c_size_t),
        ("maximum_working_set", ctypes.c_size_t),
        ("active_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
    )


class ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION, with IO_COUNTERS as six numbers."""

    _fields_ = (
        ("basic", BasicLimits),
        ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


def limits_of(memory_bytes: int) -> ExtendedLimits:
    """Limits by which nothing outlives the handle, and memory beyond the limit is refused."""
    limits = ExtendedLimits()
    limits.basic.limit_flags = (
        _LIMIT_KILL_ON_JOB_CLOSE
        | _LIMIT_DIE_ON_UNHANDLED_EXCEPTION
        | _LIMIT_PROCESS_MEMORY
        | _LIMIT_JOB_MEMORY
    )
    # A size that this system cannot have is no limit to it.
    most = min(memory_bytes, ctypes.c_size_t(-1).value)
    limits.process_memory = most
    limits.job_memory = most
    return limits


class JobObject:
    """Holds processes until it is closed, or the application ends in whatever way.

    Parameters
    ----------
    memory_bytes : int
        What all of them together may commit.
    kernel : optional
        Has the functions of ``kernel32``; that of this system by default.

    Raises
    ------
    OSError
        If the system gives none.
    """

    def __init__(self, memory_bytes: int, kernel: Any = None) -> None:
        self._kernel = _kernel32() if kernel is None else kernel
        self._handle: int | None = self._kernel.CreateJobObjectW(None, None)
        if not self._handle:
            raise OSError("Windows gives no job object.")
        limits = limits_of(memory_bytes)
        if not self._kernel.SetInformationJobObject(
            self._handle,
            _EXTENDED_LIMIT_INFORMATION,
            ctypes.byref(limits),
            ctypes.sizeof(limits),
        ):
            self.close()
            raise OSError("Windows sets no limits on a job object.")

    def hold(self, process_handle: int) -> None:
        """Take in a process; what it starts from now on belongs to the job too.

        Raises
        ------
        OSError
            If it cannot be held.
        """
        if not self._kernel.AssignProcessToJobObject(self._handle, process_handle):
            raise OSError("Windows does not put the process into its job object.")

    def end(self) -> None:
        """End all its processes at once."""
        if self._handle:
            self._kernel.TerminateJobObject(self._handle, _ENDED)

    def close(self) -> None:
        """Let go of the handle, which ends what is left; idempotent."""
        handle, self._handle = self._handle, None
        if handle:
            self._kernel.CloseHandle(handle)


def _kernel32() -> Any:
    if sys.platform != "win32":
        raise OSError("There are no job objects on this system.")
    from ctypes import wintypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateJobObjectW.argtypes = (ctypes.c_void_p, wintypes.LPCWSTR)
    kernel.CreateJobObjectW.restype = wintypes.HANDLE
    kernel.SetInformationJobObject.argtypes = (
        wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD,
    )  # fmt: skip
    kernel.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
    kernel.TerminateJobObject.argtypes = (wintypes.HANDLE, wintypes.UINT)
    kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
    return kernel
