"""Entry of the child process that is pip: ``python -m medview.host.packages.pip_child ARGUMENTS``.

It ends, with all that it started, when the program that waits for it has ended in whatever
way: its standard input is then at its end.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading


def main() -> None:
    """Listen for the end of the application, and be pip."""
    listening = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    threading.Thread(target=_end_with, args=(listening,), daemon=True).start()
    sys.argv[0] = "pip"
    runpy.run_module("pip", run_name="__main__", alter_sys=True)


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
