"""The processes that belong to a worker, as Linux tells them: its session, and what left it.

A process that a model starts inherits the worker's home among its variables, so that one
which put itself into a session of its own is known by it still.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")


def members(leader: int, home: Path) -> tuple[int, ...]:
    """Every process of the session that `leader` began, or with `home` for its home.

    Parameters
    ----------
    leader : int
        Process id of the worker.
    home : Path
        The worker's private home; of no other process.

    Returns
    -------
    tuple of int
        Process ids; empty where the system does not tell.
    """
    mark = b"HOME=" + os.fsencode(home)
    mine = str(os.getpid())
    found = []
    with contextlib.suppress(OSError):
        for entry in os.listdir(_PROC):  # noqa: PTH208  names alone, several times a second
            if not entry.isdigit() or entry == mine:
                continue
            # Processes of the system are in session 0 or 1.
            if (leader > 1 and _session(entry) == leader) or (
                mark in _read(entry, "environ").split(b"\0")
            ):
                found.append(int(entry))
    return tuple(found)


def end_strays(leader: int, home: Path) -> None:
    """Kill what is left of a worker that has ended."""
    if not _PROC.is_dir():
        return
    # Twice: what was being started while the first round looked is there in the second.
    for _ in range(2):
        for pid in members(leader, home):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def resident_bytes(pid: int) -> int | None:
    """Memory that a process occupies, what it shares included; None where untold."""
    try:
        pages = (_PROC / str(pid) / "statm").read_text("ascii").split()[1]
    except (OSError, IndexError):
        return None
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def proportional_bytes(pids: Iterable[int]) -> int:
    """Memory that processes occupy together, with what several share counted once."""
    total = 0
    for pid in pids:
        for line in _read(str(pid), "smaps_rollup").splitlines():
            if line.startswith(b"Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def _session(pid: str) -> int:
    # The name of the program stands in parentheses and may hold anything.
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return int(fields[3]) if len(fields) > 3 else -1


def _read(pid: str, name: str) -> bytes:
    try:
        with open(f"/proc/{pid}/{name}", "rb", buffering=0) as file:  # noqa: PTH123
            return file.read(1 << 16)
    except OSError:
        return b""
