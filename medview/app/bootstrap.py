"""What must happen before the first Qt import: crash log, platform checks, library order."""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from medview.config.paths import make_private
from medview.core.errors import UsageError

CRASH_LOG = "crash.log"
_LARGEST_CRASH_LOG = 256 << 10
_TURN_S = 0.0005
_SOURCE_FILE = re.compile(r'File "[^"]*?((?:[\w.-]+[/\\]){0,2}[\w.-]+)"')


def prepare(logs: Path, environ: Mapping[str, str] = os.environ) -> None:
    """Make this process ready for Qt.

    Parameters
    ----------
    logs : Path
        Folder for the crash log; made if absent.
    environ : mapping of str to str
        The environment to judge.

    Raises
    ------
    UsageError
        If no window can be opened here, with what to do about it.
    """
    enable_crash_log(logs)
    problem = display_problem(sys.platform, environ)
    if problem is None and sys.platform.startswith("linux"):
        problem = missing_library_problem(environ)
    if problem is not None:
        raise UsageError(problem, code="no-display")
    preload_windows_runtime()
    keep_turns_short()


def enable_crash_log(logs: Path) -> None:
    """Let fatal signals write the stack of every thread into ``crash.log``.

    Stacks name functions and source files only, never values, so no
    identifier can get in. Folders of this computer are cut out of what an
    earlier crash left behind.
    """
    make_private(logs)
    path = logs / CRASH_LOG
    if path.is_file():
        old = path.read_text(encoding="utf-8", errors="replace")[-_LARGEST_CRASH_LOG:]
        path.write_text(_SOURCE_FILE.sub(r'File "\1"', old), encoding="utf-8")
    # A bare descriptor: nothing in Python may close it while the process lives.
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    faulthandler.enable(file=descriptor, all_threads=True)


def display_problem(platform: str, environ: Mapping[str, str]) -> str | None:
    """Why no window can be opened, in words; None where one can.

    Qt ends the process with a signal when it finds no display; a sentence is kinder.
    """
    if not platform.startswith("linux"):
        return None
    if environ.get("QT_QPA_PLATFORM"):
        return None
    if environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return None
    return (
        "There is no display to open a window on. Start medview in a desktop session, or use its "
        "commands, which need none: see 'medview --help'."
    )


def missing_library_problem(environ: Mapping[str, str]) -> str | None:
    """Which system library the X11 window needs and lacks, in words; None where all is there."""
    wanted = environ.get("QT_QPA_PLATFORM", "")
    uses_x11 = wanted.startswith("xcb") or (not wanted and not environ.get("WAYLAND_DISPLAY"))
    if not uses_x11:
        return None
    for library in ("libxcb-cursor.so.0", "libGL.so.1", "libEGL.so.1"):
        try:
            ctypes.CDLL(library)
        except OSError:
            return (
                f"The window needs the system library {library}. Install it with: "
                "sudo apt-get install libxcb-cursor0 libgl1 libegl1"
            )
    return None


def preload_windows_runtime() -> None:
    """On Windows, load the system's C++ runtime before Qt brings an older one.

    Libraries of torch that are loaded after an older runtime fail to start
    (WinError 1114); whichever runtime is loaded first serves the process.
    """
    if sys.platform != "win32":
        return
    system = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"
    for name in ("vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll"):
        library = system / name
        if library.is_file():
            ctypes.WinDLL(str(library))


def keep_turns_short() -> None:
    """Let threads that calculate in Python give way to the window ten times as soon as usual.

    A thread may keep the interpreter for 5 ms when another one asks for it. One repaint asks some
    hundred times, so a model that counts in Python stopped the window for up to 0.9 s.
    """
    sys.setswitchinterval(_TURN_S)


def set_program_aside() -> None:
    """Spare the window full passes of the garbage collector over the program itself.

    A full pass holds the interpreter in one piece. Over the modules and widgets of a started
    program it takes 75 to 105 ms, and a scan, which makes many objects, brings one about. What
    is set aside is still freed as soon as nothing refers to it; call this before anything is open.
    """
    gc.freeze()
