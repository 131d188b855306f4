"""Private folders: gone with their block, or swept by the next after a crash."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medview.host.packages.claims import Claim
from medview.host.packages.errors import disk_told
from medview.host.packages.trees import remove_tree

_PREFIX = "medview-package-"
_CLAIM = ".claim"
_TICK_S = 0.005


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A temporary folder that only this user can read, removed when the block ends."""
    with claimed_folder(Path(tempfile.gettempdir()), _PREFIX) as folder:
        yield folder


@contextmanager
def claimed_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A private folder in another, removed when the block ends, or by whoever makes the next.

    A claim beside it tells that it is in use: numbers of processes say nothing where several
    systems of processes share a folder, and are given out again.

    Parameters
    ----------
    parent : Path
    prefix : str
        Begins the names of folders of this kind.

    Raises
    ------
    PackageError
        If it cannot be made.
    """
    sweep_claimed(parent, prefix)
    folder = parent / f"{prefix}{secrets.token_hex(6)}"
    claim = Claim(_claim_of(folder))
    # The claim comes first and goes last, so that the folder is never there without it.
    with disk_told("Making a temporary folder"):
        while not claim.take():
            # Nobody else knows the name; whoever sweeps looks at it for a moment.
            time.sleep(_TICK_S)
    try:
        with disk_told("Making a temporary folder"):
            folder.mkdir(mode=0o700)
        yield folder
    finally:
        remove_tree(folder)
        claim.discard()


def sweep_claimed(parent: Path, prefix: str) -> None:
    """Remove this user's folders of processes that are gone; one that is in use stays."""
    found = (path for path in parent.glob(f"{prefix}*") if _is_ours(path))
    for folder in sorted({path.with_name(path.name.removesuffix(_CLAIM)) for path in found}):
        # What cannot be looked at, or is swept by another at this moment, is left alone.
        with contextlib.suppress(OSError):
            claim = Claim(_claim_of(folder))
            if claim.take():
                if _is_ours(folder):
                    remove_tree(folder)
                claim.discard()


def _claim_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{_CLAIM}")


def _is_ours(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    plain = stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode)
    return plain and (os.name != "posix" or found.st_uid == os.getuid())
