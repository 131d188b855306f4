"""What workers leave behind, also where it was renamed or left its session: for every test."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from medview.worker.supervise.places import Places

_PR_SET_CHILD_SUBREAPER = 36


class Leftovers:
    """Processes that belong to this one, and folders that were made for workers.

    Parameters
    ----------
    monkeypatch : MonkeyPatch
        Used to learn which folders are made.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._made: set[tuple[int, int]] = set()
        self._parents: set[Path] = {Path(tempfile.gettempdir())}
        make = Places.make

        def noted() -> Places:
            places = make()
            for path in (places.arrays, places.home):
                status = path.stat()
                self._made.add((status.st_dev, status.st_ino))
                self._parents.add(path.parent)
            return places

        monkeypatch.setattr(Places, "make", noted)

    def found(self) -> list[str]:
        """Each in words."""
        told = []
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if child.status() != "zombie":
                    told.append(f"process {child.pid}")
        prefix = f"medview-worker-{os.getpid()}-"
        for parent in self._parents:
            for path in parent.iterdir():
                with contextlib.suppress(OSError):
                    status = path.lstat()
                    # By its number too: a folder may have been renamed.
                    if (status.st_dev, status.st_ino) in self._made or path.name.startswith(prefix):
                        told.append(str(path))
        return told

    def wait(self, seconds: float = 5.0) -> list[str]:
        """What is found when that much time has passed, or nothing before."""
        deadline = time.monotonic() + seconds
        while self.found() and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.found()


@contextlib.contextmanager
def watched_leftovers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Leftovers]:
    """Have orphans of this process come back to it meanwhile, so that they are seen (Linux)."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    before = {child.pid for child in psutil.Process().children()}
    if libc is not None:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield Leftovers(monkeypatch)
    finally:
        if libc is not None:
            libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
        # Workers were waited for by their own threads; these are orphans that were ended.
        for child in psutil.Process().children():
            if child.pid not in before and child.status() == "zombie":
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(child.pid, os.WNOHANG)
