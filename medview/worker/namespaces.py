"""Namespaces: a process sees no network, no other program, and a file system of its own.

Source: Linux, ``namespaces(7)``, ``user_namespaces(7)`` and ``pid_namespaces(7)``.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import struct
import sys
from pathlib import Path
from typing import NoReturn

_NEWNS = 0x00020000
_NEWIPC = 0x08000000
_NEWUSER = 0x10000000
_NEWPID = 0x20000000
_NEWNET = 0x40000000

_PR_SET_PDEATHSIG = 1
_PR_CAPBSET_DROP = 24
_CAPABILITIES = 64
_CAPSET_VERSION_3 = 0x20080522
_MOST_PROCESSES = 4096
_MOST_DESCRIPTORS = 1024
_STATUS = struct.Struct("i")


def leave_network(*, others: bool, network: bool) -> bool:
    """Enter namespaces of this process's own; must run while it has one thread.

    Parameters
    ----------
    others : bool
        Whether to leave other programs and the shared file system behind, too.
    network : bool
        Whether to leave the network.

    Returns
    -------
    bool
        Whether the kernel did all of it; nothing has changed where it did not.
    """
    if sys.platform != "linux":
        return False
    flags = _NEWUSER
    flags |= _NEWNET if network else 0
    # What this process starts from now on is in the new process namespace, not it itself.
    flags |= _NEWNS | _NEWPID | _NEWIPC if others else 0
    user, group = os.getuid(), os.getgid()
    if ctypes.CDLL(None, use_errno=True).unshare(flags) != 0:
        return False
    own = Path("/proc/self")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        # Without a map the process runs as nobody, which it can live with.
        try:
            (own / name).write_text(text, "ascii")
        except OSError:
            break
    return True


def go_on_inside() -> None:
    """Return in a new process inside the process namespace; this one only waits for it.

    Two are started: the first one in a process namespace takes in orphans, is deaf to most
    signals, and all others end with it; so it starts a second one, and that one is the model's.
    This process ends as that one ended.
    """
    die_with_parent()
    told, tell = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        os.close(told)
        _keep(tell)
        return
    os.close(tell)
    # Nobody may wait for words from here, or write to nobody.
    os.close(0)
    os.close(1)
    status = os.read(told, _STATUS.size)
    _, keepers = os.waitpid(keeper, 0)
    # Without a word the first one was killed, and all others with it.
    _end_like(_STATUS.unpack(status)[0] if len(status) == _STATUS.size else keepers)


def die_with_parent() -> None:
    """Have the kernel end this process when the thread that started it ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def drop_capabilities() -> None:
    """Give up the rights that come with a user namespace, and bound the number of processes.

    Without this a process could undo what was done to its file system.
    """
    import resource

    libc = ctypes.CDLL(None)
    for capability in range(_CAPABILITIES):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPSET_VERSION_3, 0)
    libc.capset(header, (ctypes.c_uint32 * 6)())
    hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    most = _MOST_PROCESSES if hard == resource.RLIM_INFINITY else min(hard, _MOST_PROCESSES)
    # In a user namespace it counts the processes of that namespace alone.
    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def _keep(tell: int) -> None:
    die_with_parent()
    child = os.fork()
    if child == 0:
        os.close(tell)
        die_with_parent()
        return
    os.dup2(tell, 0)
    os.closerange(1, _MOST_DESCRIPTORS)
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == child:
            os.write(0, _STATUS.pack(status))
            # Whatever the model started ends here, and is waited for by the kernel.
            os._exit(0)


def _end_like(status: int) -> NoReturn:
    if os.WIFSIGNALED(status):
        ended_by = os.WTERMSIG(status)
        with contextlib.suppress(OSError, ValueError):
            signal.signal(ended_by, signal.SIG_DFL)
        os.kill(os.getpid(), ended_by)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
