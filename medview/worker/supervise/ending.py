"""`Ending`: waits for the end of a process without burying it, a little at a time."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time

_LOOK_S = 0.02


class Ending:
    """Until a process is buried, its number and that of its group are no other's.

    Parameters
    ----------
    process : Popen
        A child of this process.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._number: int | None = None
        if sys.platform == "linux":
            # Kernels before 5.3 have none, and there may be no room for one more descriptor.
            with contextlib.suppress(OSError):
                self._number = os.pidfd_open(process.pid)

    def wait(self, seconds: float) -> bool:
        """Whether it ended within this time."""
        if sys.platform == "win32":
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
            return self._process.returncode is not None
        if self._number is not None:
            poll = select.poll()
            poll.register(self._number, select.POLLIN)
            return bool(poll.poll(seconds * 1000))
        end = time.monotonic() + seconds
        how = os.WEXITED | os.WNOWAIT | os.WNOHANG
        while os.waitid(os.P_PID, self._process.pid, how) is None:
            if time.monotonic() > end:
                return False
            time.sleep(_LOOK_S)
        return True

    def close(self) -> None:
        """Let go of the process."""
        if self._number is not None:
            os.close(self._number)
            self._number = None
