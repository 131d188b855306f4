"""Removing what a model left: however deep, whatever its rights, and never through a link."""

from __future__ import annotations

import contextlib
import itertools
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from medview.worker.folder import Folder, is_folder

_MOST_S = 30.0
"""For one folder; what is left then is swept when the program starts again."""


def remove(path: Path) -> None:
    """Remove a folder with all in it, or what lies in its place; leaves what cannot be removed."""
    with contextlib.suppress(OSError):
        within = Folder(path.parent)
        name = path.name
        if not is_folder(path.lstat()):
            within.unlink(name)
            return
        with contextlib.suppress(OSError):
            within.allow(name)
        empty(Folder(name, within))
        within.rmdir(name)


def empty(folder: Folder) -> None:
    """Remove all that lies in a folder; leaves what cannot be removed."""
    # Folders in folders are moved to the top one by one: a recursion, or a descriptor for each
    # level, would end at a depth that a model can exceed.
    end = time.monotonic() + _MOST_S
    # No model knows these names, so none of its folders is in the way.
    mark = secrets.token_hex(8)
    names = (f"{mark}-{number}" for number in itertools.count())
    with contextlib.suppress(OSError):
        folder.allow()
    # Until a look removes nothing: names may be left out while others go.
    while time.monotonic() < end and _pass(folder, names, end):
        pass


def _pass(folder: Folder, names: Iterator[str], end: float) -> bool:
    done = False
    with contextlib.suppress(OSError):
        for name, status in folder.entries():
            with contextlib.suppress(OSError):
                if is_folder(status):
                    _flatten(folder, name, names, end)
                    folder.rmdir(name)
                else:
                    folder.unlink(name)
                done = True
            if time.monotonic() > end:
                break
    return done


def _flatten(top: Folder, name: str, names: Iterator[str], end: float) -> None:
    top.allow(name)
    folder = Folder(name, top)
    for inner, status in folder.entries():
        with contextlib.suppress(OSError):
            if is_folder(status):
                # Moving it changes what it says of its parent, which needs the right to write.
                folder.allow(inner)
                folder.move(inner, top, next(names))
            else:
                folder.unlink(inner)
        if time.monotonic() > end:
            break
