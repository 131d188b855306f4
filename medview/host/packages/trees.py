"""Folders with all that is in them: listed with their hashes, made read-only, removed."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from pathlib import Path

from medview.host.packages.durable import sync_file, sync_folder

_BLOCK = 4 << 20


def hashes_of(folder: Path, *, to_disk: bool = False) -> dict[str, str]:
    """What lies in a folder: each path in it, and the SHA-256 of its content; links are told.

    Parameters
    ----------
    folder : Path
    to_disk : bool
        Also have the system write everything to the disk (``fsync``), so that nothing that
        is written later can be there without it.

    Returns
    -------
    dict of str to str
        By paths with ``/``, in order. Empty folders do not appear.
    """
    found: dict[str, str] = {}
    for place, folders, files in os.walk(folder):
        for name in (*files, *(n for n in folders if Path(place, n).is_symlink())):
            path = Path(place, name)
            found[path.relative_to(folder).as_posix()] = _print(path, to_disk=to_disk)
        if to_disk:
            sync_folder(Path(place))
    return dict(sorted(found.items()))


def make_read_only(folder: Path) -> None:
    """Take the right to write from everything in a folder, itself left out.

    A folder that cannot be written cannot be moved to another parent.
    """
    for place, folders, files in os.walk(folder):
        for name in files:
            path = Path(place, name)
            if not path.is_symlink():
                path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o555)
        for name in folders:
            if not Path(place, name).is_symlink():
                Path(place, name).chmod(0o500)


def remove_tree(folder: Path) -> None:
    """Remove a folder, read-only or not, as far as that is possible now."""
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
        return
    for place, folders, files in os.walk(folder):
        Path(place).chmod(0o700)
        # Windows removes no read-only file, and elsewhere the right of its folder counts.
        for name in (*folders, *(files if os.name != "posix" else ())):
            if not Path(place, name).is_symlink():
                Path(place, name).chmod(0o700)
    # What cannot be removed now, for example because Windows still uses it, goes next time.
    shutil.rmtree(folder, ignore_errors=True)


def _print(path: Path, *, to_disk: bool) -> str:
    if path.is_symlink():
        return f"link to {path.readlink()}"
    if to_disk:
        sync_file(path)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
