"""`watched_sockets`: whatever reaches for the network is refused and noted while a block runs."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

REFUSED = "This model may not use the network."
_INET = (int(socket.AF_INET), int(socket.AF_INET6))
_NAMES = {
    "socket.connect": "connects to an address",
    "socket.bind": "opens a port",
    "socket.sendto": "sends a datagram",
    "socket.sendmsg": "sends a datagram",
    "socket.getaddrinfo": "looks up the address of a host",
    "socket.gethostbyname": "looks up the address of a host",
    "socket.gethostbyaddr": "looks up the name of a host",
    "socket.getnameinfo": "looks up the name of a host",
}
_PROBES = {("urllib3.util.connection", "_has_ipv6")}
"""Libraries that open a socket of this computer alone while they are imported, to see whether
they can."""


class _Watch:
    """Where an audit hook notes what it refuses; it cannot be removed, so it can be silent."""

    def __init__(self) -> None:
        self._notes: list[str] | None = None
        self._is_hooked = False

    @contextmanager
    def noting(self, notes: list[str]) -> Iterator[None]:
        if not self._is_hooked:
            sys.addaudithook(self._audit)
            self._is_hooked = True
        before, self._notes = self._notes, notes
        try:
            yield
        finally:
            self._notes = before

    def _audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._notes is None or not event.startswith("socket."):
            return
        told = _NAMES.get(event)
        if event == "socket.__new__":
            told = "opens a socket" if _is_inet(arguments) else None
        elif event in ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"):
            told = told if _is_inet(arguments) else None
        if told is None or _is_probe(sys._getframe(1)):
            return
        if told not in self._notes:
            self._notes.append(told)
        raise PermissionError(REFUSED)


_WATCH = _Watch()


@contextmanager
def watched_sockets() -> Iterator[list[str]]:
    """Refuse the network while the block runs; gives what was tried, in words.

    What is refused raises `PermissionError`, in every thread. Pipes between
    processes of this computer (``AF_UNIX``) are no network.
    """
    notes: list[str] = []
    with _WATCH.noting(notes):
        yield notes


def _is_inet(arguments: tuple[object, ...]) -> bool:
    first = arguments[0] if arguments else None
    family = arguments[1] if len(arguments) > 1 else None
    if not isinstance(family, int):
        family = getattr(first, "family", None)
    # A family that is left open is that of the internet.
    return family in (*_INET, -1, None)


def _is_probe(frame: FrameType | None) -> bool:
    depth = 0
    while frame is not None and depth < 8:
        if (frame.f_globals.get("__name__"), frame.f_code.co_name) in _PROBES:
            return True
        frame, depth = frame.f_back, depth + 1
    return False
