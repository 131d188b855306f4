"""Sockets of the internet, as Python's audit events tell of them: which of them reach outside."""

from __future__ import annotations

import socket
import sys

REFUSED = "This model may not use the network."
_INET = (int(socket.AF_INET), int(socket.AF_INET6))
_OPENING = "socket.__new__"
_ON_A_SOCKET = {
    "socket.connect": "connects to an address",
    "socket.bind": "opens a port",
    "socket.sendto": "sends a datagram",
    "socket.sendmsg": "sends a datagram",
}
_OF_NAMES = {
    "socket.getaddrinfo": "looks up the address of a host",
    "socket.gethostbyname": "looks up the address of a host",
    "socket.gethostbyaddr": "looks up the name of a host",
    "socket.getnameinfo": "looks up the name of a host",
}


def reaches_out(event: str, arguments: tuple[object, ...]) -> str:
    """What an audit event does with the network, as a clause; empty where nothing.

    Pipes between processes of this computer (``AF_UNIX``) are no network.

    Parameters
    ----------
    event, arguments
        As `sys.addaudithook` hands them over.
    """
    if not event.startswith("socket."):
        return ""
    if event in _OF_NAMES:
        return _OF_NAMES[event]
    if not _is_inet(arguments):
        return ""
    return "opens a socket" if event == _OPENING else _ON_A_SOCKET.get(event, "")


def refuse_sockets() -> None:
    """Have Python refuse the network in this process from now on; it cannot be taken back.

    Stops honest code, and not a library that speaks to the kernel itself.
    """
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    # To open one is harmless, and libraries do it at import to see what there is.
    if event != _OPENING and reaches_out(event, arguments):
        raise PermissionError(REFUSED)


def _is_inet(arguments: tuple[object, ...]) -> bool:
    first = arguments[0] if arguments else None
    family = arguments[1] if len(arguments) > 1 else None
    if not isinstance(family, int):
        family = getattr(first, "family", None)
    # A family that is left open is that of the internet.
    return family in (*_INET, -1, None)
