"""`Group`: a worker with all that it starts, so that it can be ended whole."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from medview.worker.supervise.job_object import JobObject
from medview.worker.supervise.tree import end_strays


class Group(Protocol):
    """A process with what it starts."""

    def end(self) -> None:
        """End all at once; idempotent, also when all are gone."""

    def bury(self) -> None:
        """End what is left, once the process itself has ended.

        Neither may be called after it was reaped: its number may be another's then.
        """


class SessionGroup:
    """A session of its own (POSIX), and what left it, where the system lets it be found.

    Parameters
    ----------
    process : Popen
        Started as the leader of a session.
    home : Path
        Its private home.
    """

    def __init__(self, process: subprocess.Popen[bytes], home: Path) -> None:
        self._process = process
        self._home = home

    def end(self) -> None:
        """Kill its process group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def bury(self) -> None:
        """Kill what moved to a session of its own."""
        end_strays(self._process.pid, self._home)


class JobGroup:
    """A job object (Windows), which limits memory too.

    Parameters
    ----------
    process : Popen
    memory_bytes : int
    job : JobObject, optional

    Raises
    ------
    OSError
        If there is none, or it does not take the process; then that is ended.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], memory_bytes: int, job: JobObject | None = None
    ) -> None:
        try:
            self._job = job or JobObject(memory_bytes)
            self._job.hold(int(process._handle))  # type: ignore[attr-defined]
        except OSError:
            process.kill()
            process.wait()
            raise

    def end(self) -> None:
        """End all processes of the job."""
        self._job.end()

    def bury(self) -> None:
        """End what is left, and let go of the job."""
        self._job.close()


def group_of(process: subprocess.Popen[bytes], home: Path, memory_bytes: int) -> Group:
    """What ends a worker whole on this system; raises OSError where that cannot be had."""
    if sys.platform == "win32":
        return JobGroup(process, memory_bytes)
    return SessionGroup(process, home)
