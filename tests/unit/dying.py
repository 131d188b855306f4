"""Processes that die at a chosen step of what they write, for tests of what is left then."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

_STEPS = frozenset({"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod"})
_NEVER = 1 << 30


def die_at(step: int, folder: Path, act: Callable[[], object]) -> bool:
    """Do something in a copy of this process, which ends at that step in `folder`.

    Returns
    -------
    bool
        Whether it died; else it came to its own end.
    """
    return _in_a_copy(step, folder, act)[0]


def steps_of(folder: Path, act: Callable[[], object]) -> int:
    """How many steps in `folder` something takes, done in a copy of this process."""
    return _in_a_copy(_NEVER, folder, act)[1]


def _in_a_copy(fatal: int, folder: Path, act: Callable[[], object]) -> tuple[bool, int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _be_the_copy(fatal, str(folder), act, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9), f"the copy failed with {code}"
    return code == 9, int(told or 0)


def _be_the_copy(fatal: int, folder: str, act: Callable[[], object], writing: int) -> None:
    seen = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event in _STEPS and str(arguments[0]).startswith(folder):
            seen += 1
            if seen == fatal:
                os._exit(9)

    try:
        signal.alarm(60)
        sys.addaudithook(count)
        act()
        os.write(writing, str(seen).encode())
        os._exit(0)
    finally:
        os._exit(1)
