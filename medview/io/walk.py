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


def state_of(paths: Sequence[Path]) -> bytes:
    """Path, size and modification time of every file, as bytes to compare or hash.

    Raises
    ------
    UsageError
        If a path does not exist.
    """
    lines: list[str] = []
    for path in sorted(paths):
        if not path.exists():
            raise UsageError(f"There is no file or folder at {path}.", code="no-such-path")
        absolute = str(path.absolute())
        if path.is_dir():
            _list_states(absolute, lines)
        else:
            status = path.stat()
            lines.append(f"{absolute}\0{status.st_size}\0{status.st_mtime_ns}")
    return "\n".join(sorted(lines)).encode("utf-8", "surrogateescape")


def _list_states(folder: str, lines: list[str]) -> None:
    folders = [folder]
    while folders:
        try:
            entries = os.scandir(folders.pop())
        except OSError:
            continue
        with entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                    continue
                try:
                    status = entry.stat()
                except OSError:
                    lines.append(entry.path)
                    continue
                lines.append(f"{entry.path}\0{status.st_size}\0{status.st_mtime_ns}")


def _one(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for folder, folders, files in os.walk(path):
        folders.sort()
        here = Path(folder)
        for name in sorted(files):
            yield here / name
