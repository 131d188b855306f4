"""`reached`: how often a process with a network of its own, and all that it starts, asked for it.

A network namespace of one's own leads nowhere, and the kernel counts in it what found no way
out: also what a library in C, or another program, wanted to send, which Python cannot see.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_COUNTED = frozenset(
    {
        "IpOutRequests", "IpOutNoRoutes", "TcpActiveOpens", "UdpOutDatagrams",
        "Ip6OutRequests", "Ip6OutNoRoutes", "Udp6OutDatagrams",
    }
)  # fmt: skip
"""RFC 4293, 4022 and 4113 name them; ``net/ipv4/proc.c`` and ``net/ipv6/proc.c`` write them."""


def reached(folder: Path = Path("/proc/self/net")) -> int:
    """Packets and connections that were sent, or found no way, in this network namespace.

    It means something only where no one else shares the namespace; 0 where it cannot be read.
    """
    return sum(number for name, number in _numbers(folder) if name in _COUNTED)


def _numbers(folder: Path) -> Iterator[tuple[str, int]]:
    lines = _lines(folder / "snmp")
    # Two lines each: names, then numbers, behind the protocol's name.
    for names, numbers in zip(lines[::2], lines[1::2], strict=False):
        protocol = names.partition(":")[0]
        for name, number in zip(names.split()[1:], numbers.split()[1:], strict=False):
            yield protocol + name, int(number)
    for line in _lines(folder / "snmp6"):
        name, _, number = line.partition(" ")
        yield name.strip(), int(number)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("ascii").splitlines()
    except OSError:
        return []
