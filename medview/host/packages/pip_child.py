"""Entry of the child that is pip: ``python -m medview.host.packages.pip_child HOW ARGUMENTS``.

HOW is ``building``, or ``alone``: then it starts no other program, so that nothing is built and
no version control is called, whatever a package names as what it needs.

It ends, with all that it started, when the program that waits for it has ended in whatever
way: its standard input is then at its end.
"""

from __future__ import annotations

import errno
import os
import runpy
import signal
import sys
import threading


def main() -> None:
    """Listen for the end of the application, and be pip."""
    if sys.argv[1] != "building":
        sys.addaudithook(_refuse_programs)
    listening = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    threading.Thread(target=_end_with, args=(listening,), daemon=True).start()
    sys.argv[:2] = ["pip"]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)


def _refuse_programs(event: str, _: object) -> None:
    # An `OSError`, which pip lives with where it only wants to name the system to an index.
    if event == "subprocess.Popen":
        raise PermissionError(errno.EPERM, "No other program is started for this")


def _end_with(listening: int) -> None:
    try:
        while os.read(listening, 64):
            pass
    except OSError:
        pass
    if hasattr(os, "killpg"):
        os.killpg(os.getpgid(0), signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()
