"""What of a model still runs when its run has ended: its threads, and processes that it started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

GRACE_S = 1.0
"""What is about to end may take so long."""
_HELPERS = ("resource_tracker", "forkserver", "loky", "compile_worker")
"""Processes that libraries start once and keep, which do nothing unless they are asked."""
_PR_SET_CHILD_SUBREAPER = 36


def left_behind(package: str) -> tuple[list[str], list[str]]:
    """Names of threads of a package that still run, and of programs that this process started.

    Threads that wait idly in a pool, and those of libraries, do no harm: a thread counts
    only while code of the package runs in it, or is what it will run.
    """
    end = time.monotonic() + GRACE_S
    while True:
        threads, children = _threads_of(package), _own_children()
        if not (threads or children) or time.monotonic() > end:
            return sorted(threads), sorted(children.values())
        time.sleep(0.05)


@contextmanager
def adopting_orphans() -> Iterator[None]:
    """Make this process the parent of processes whose own parent ends, while the block runs."""
    if sys.platform != "linux":
        yield
        return
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def end_children() -> None:
    """End what this process has started, and what that has."""
    if sys.platform != "linux":
        return
    for _ in range(8):
        # Those of a process that is ended become this one's.
        running = _children_of(os.getpid())
        if not running:
            return
        for pid in running:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _threads_of(package: str) -> list[str]:
    stacks = sys._current_frames()
    here = threading.get_ident()
    found = []
    for thread in threading.enumerate():
        if thread.ident == here or thread.ident is None:
            continue
        told = [
            getattr(getattr(thread, n, None), "__module__", "") for n in ("_target", "function")
        ]
        frame = stacks.get(thread.ident)
        while frame is not None:
            told.append(frame.f_globals.get("__name__", ""))
            frame = frame.f_back
        if any(str(name).partition(".")[0] == package for name in told):
            found.append(thread.name)
    return found


def _own_children() -> dict[int, str]:
    if sys.platform != "linux":
        import multiprocessing

        return {p.pid or 0: p.name for p in multiprocessing.active_children()}
    return _children_of(os.getpid(), apart_from=_HELPERS)


def _children_of(parent: int, apart_from: tuple[str, ...] = ()) -> dict[int, str]:
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            # The name of the program stands in brackets and may hold any character.
            state, above = (
                (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
            )
            if int(above) != parent or state in "ZX":
                continue
            command = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
            if not any(helper in word for helper in apart_from for word in command):
                found[int(folder.name)] = os.path.basename(command[0])  # noqa: PTH119
    return found
