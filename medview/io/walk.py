"""List the files below a path, in a stable order, without following links in circles."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from medview.core.data.series import Skipped
from medview.core.errors import UsageError


def files_below(paths: Sequence[Path]) -> Iterator[Path | Skipped]:
    """Every file at or below `paths`, each once, folder by folder.

    Yields
    ------
    Path or Skipped
        What cannot be looked into (a folder without permission, a link to another
        folder) or is no file (a pipe, whose opening would wait for ever) comes with the
        reason.

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
            if len(paths) > 1 and isinstance(found, Path):
                # What cannot be asked for its identity will say so when it is opened.
                with suppress(OSError):
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


def _one(path: Path) -> Iterator[Path | Skipped]:
    if not path.is_dir():
        yield path
        return
    folders = [path]
    while folders:
        here = folders.pop()
        try:
            with os.scandir(here) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError:
            yield Skipped(str(here), "unreadable", f"The folder {here.name} cannot be looked into.")
            continue
        below = []
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                below.append(here / entry.name)
            else:
                yield _file(entry, here / entry.name)
        folders.extend(reversed(below))


def _file(entry: os.DirEntry[str], path: Path) -> Path | Skipped:
    try:
        return path if entry.is_file() else _no_file(entry, path)
    except OSError:
        return Skipped(str(path), "unreadable", f"{path.name} cannot be read.")


def _no_file(entry: os.DirEntry[str], path: Path) -> Skipped:
    if entry.is_dir():
        return Skipped(
            str(path),
            "link-to-folder",
            f"{path.name} is a link to a folder and was not followed; open that folder itself.",
        )
    if entry.is_symlink():
        return Skipped(str(path), "unreadable", f"{path.name} is a link that leads nowhere.")
    return Skipped(str(path), "not-an-image", f"{path.name} is no file that could hold an image.")
