"""What a worker does to itself before any model is imported: no network, no core files."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import Literal

Network = Literal["namespace", "blocked", "open"]
"""``namespace``: the kernel gives no network; ``blocked``: Python's sockets refuse; ``open``."""

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1


def cut_network() -> Network:
    """Take the network from this process, by the kernel where it allows that.

    Must run while the process has one thread: a user namespace cannot be
    entered later. Without one, sockets are refused in Python alone, which
    stops honest code and not a determined library.
    """
    if sys.platform == "linux" and _enter_namespaces():
        return "namespace"
    sys.addaudithook(_refuse_sockets)
    return "blocked"


def _enter_namespaces() -> bool:
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
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


def _refuse_sockets(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"):
        raise PermissionError("This model may not use the network.")


def die_with_parent() -> None:
    """Have the kernel end this process when the thread that started it ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def no_core_files() -> None:
    """Keep pixels out of core files."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_memory(limit_bytes: int | None) -> None:
    """Limit the address space from now on; None lifts the limit.

    CUDA reserves far more address space than it uses, so a run on a GPU has
    no such limit; its resident memory is watched from outside.
    """
    if sys.platform == "linux":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        soft = hard if limit_bytes is None else limit_bytes
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
