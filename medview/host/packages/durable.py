"""Files that are there whole or not at all, and on the disk once that is told."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

UNFINISHED = ".unfinished-"
"""Begins the names of files that a crash has left half written."""


def write_whole(target: Path, content: bytes) -> None:
    """Replace a file, readable by its owner alone; raises OSError."""
    # mkstemp makes a file that its owner alone can read.
    number, name = tempfile.mkstemp(prefix=UNFINISHED, dir=target.parent)
    with os.fdopen(number, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(target)
    sync_folder(target.parent)


def sync_file(path: Path) -> None:
    """Have the content of a file written to the disk."""
    # Windows writes to the disk only what was opened for writing.
    with path.open("rb" if os.name == "posix" else "r+b") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Have the names in a folder written to the disk."""
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def sweep_unfinished(folder: Path) -> None:
    """Remove what was half written; for whoever alone may write there."""
    for leftover in folder.glob(f"{UNFINISHED}*"):
        leftover.unlink(missing_ok=True)
