"""List the files below a path, in a stable order, without following links in circles."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from medview.core.errors import UsageError


def files_below(paths: Sequence[Path]) -> Iterator[Path]:
    """Every file at or below `paths`, each once, folder by folder.

    Raises
    ------
    UsageError
        If a path does not exist.
    """
    seen: set[tuple[int, int]] = set()
    for path in paths:
        if not path.exists():
            raise UsageError(f"There is no file or folder at {path}.", code="no-such-path")
    for path in paths:
        for found in _one(path):
            if len(paths) > 1:
                status = found.stat()
                name = (status.st_dev, status.st_ino)
                if name in seen:
                    continue
                seen.add(name)
            yield found


def _one(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for folder, folders, files in os.walk(path):
        folders.sort()
        here = Path(folder)
        for name in sorted(files):
            yield here / name
