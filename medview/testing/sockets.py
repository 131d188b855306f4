"""`watched_sockets`: whatever reaches for the network is refused and noted while a block runs."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from medview.worker.sockets import REFUSED, reaches_out

_REFUSED_PROGRAM = "This model may not start other programs."
_LOOKED_UP = frozenset(
    {"socket", "WSASocketA", "WSASocketW", "getaddrinfo", "gethostbyname", "gethostbyaddr"}
)
"""Functions of C libraries without which nothing reaches the network."""
_PROGRAM = {
    "subprocess.Popen": 0,
    "os.exec": 0,
    "os.posix_spawn": 0,
    "os.spawn": 1,
    "os.system": None,
    "os.startfile": None,
    "pty.spawn": 0,
    "webbrowser.open": None,
}
"""Events with which a program is started, and which of their arguments names it."""
_STARTERS = frozenset({"subprocess", "os", "pty", "webbrowser", "asyncio", "shutil"})
_PROBES = {("urllib3.util.connection", "_has_ipv6")}
"""Libraries that open a socket of this computer alone while they are imported, to see whether
they can."""


class _Watch:
    """Where an audit hook notes what it refuses; it cannot be removed, so it can be silent."""

    def __init__(self) -> None:
        self._notes: list[str] | None = None
        self._package = ""
        self._is_hooked = False

    @contextmanager
    def noting(self, notes: list[str], package: str) -> Iterator[None]:
        if not self._is_hooked:
            sys.addaudithook(self._audit)
            self._is_hooked = True
        before = self._notes, self._package
        self._notes, self._package = notes, package
        try:
            yield
        finally:
            self._notes, self._package = before

    def _audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._notes is None:
            return
        if event in _PROGRAM:
            self._judge_program(event, arguments)
            return
        told = reaches_out(event, arguments)
        if event == "ctypes.dlsym" and arguments[1] in _LOOKED_UP:
            told = f"takes '{arguments[1]}' from a C library"
        if told and not _is_probe(sys._getframe(1)):
            self._refuse(told, REFUSED)

    def _judge_program(self, event: str, arguments: tuple[object, ...]) -> None:
        # Libraries ask small programs about the computer (uname, lscpu, ldconfig) on their own.
        if not self._package or _starter(sys._getframe(2)) != self._package:
            return
        place = _PROGRAM[event]
        program = _named(arguments, place)
        if program is None or not _is_this_python(program):
            name = os.path.basename(program) if program else "a command"  # noqa: PTH119
            self._refuse(f"starts another program ({name})", _REFUSED_PROGRAM)

    def _refuse(self, told: str, why: str) -> None:
        if self._notes is not None and told not in self._notes:
            self._notes.append(told)
        raise PermissionError(why)


_WATCH = _Watch()


@contextmanager
def watched_sockets(package: str = "") -> Iterator[list[str]]:
    """Refuse the network while the block runs; gives what was tried, in words.

    What is refused raises `PermissionError`, in every thread. Pipes between
    processes of this computer (``AF_UNIX``) are no network.

    What a library in C, or another process, sends is not seen here: see
    `medview.testing.traffic`. So programs other than this Python are refused, too,
    where the package itself starts them, since nobody knows what they send.

    Parameters
    ----------
    package : str
        Top-level name of the model's package; empty lets every program start.
    """
    notes: list[str] = []
    with _WATCH.noting(notes, package):
        yield notes


def _is_probe(frame: FrameType | None) -> bool:
    depth = 0
    while frame is not None and depth < 8:
        if (frame.f_globals.get("__name__"), frame.f_code.co_name) in _PROBES:
            return True
        frame, depth = frame.f_back, depth + 1
    return False


def _starter(frame: FrameType | None) -> str:
    """Top-level name of the package that asked Python to start a program."""
    while frame is not None:
        name = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if name not in _STARTERS:
            return name
        frame = frame.f_back
    return ""


def _named(arguments: tuple[object, ...], place: int | None) -> str | None:
    if place is None:
        return None
    named = arguments[place] if len(arguments) > place else None
    if named is None and len(arguments) > 1 and isinstance(arguments[1], list | tuple):
        # Popen without an executable starts the first word of the command.
        named = arguments[1][0] if arguments[1] else None
    try:
        return os.fsdecode(named)  # type: ignore[arg-type]
    except TypeError:
        return None


def _is_this_python(program: str) -> bool:
    found = shutil.which(program) or program
    return os.path.realpath(found) == os.path.realpath(sys.executable)
