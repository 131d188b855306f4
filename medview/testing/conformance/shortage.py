"""`limited_memory`: a process that may take only so much more memory while a block runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def limited_memory(room_bytes: int | None) -> Iterator[None]:
    """Let the address space grow by `room_bytes` at most; None, or another system, sets no limit.

    Beyond it, numpy and Python raise `MemoryError` and torch a `RuntimeError` that says so, as in
    a worker process. Address space counts, not what is used of it (``RLIMIT_AS``, Linux).
    """
    if room_bytes is None or sys.platform != "linux":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = _address_space() + room_bytes
    if soft != resource.RLIM_INFINITY:
        limit = min(limit, soft)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _address_space() -> int:
    import resource

    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    return pages * resource.getpagesize()
