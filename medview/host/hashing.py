"""Hashes of files, read in blocks."""

from __future__ import annotations

import hashlib
from pathlib import Path

from medview.core.progress import ProgressFn, ignore_progress

_BLOCK = 4 << 20


def sha256_of(path: Path, progress: ProgressFn = ignore_progress) -> str:
    """SHA-256 of a file as hexadecimal digits."""
    return file_hashes(path, progress)[0]


def file_hashes(path: Path, progress: ProgressFn = ignore_progress) -> tuple[str, str]:
    """SHA-256 and MD5 of a file in one pass.

    MD5 tells damage from what a publisher lists; it is no protection against intent.
    """
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    size = max(1, path.stat().st_size)
    done = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            sha256.update(block)
            md5.update(block)
            done += len(block)
            progress(done / size, "Checking weights")
    return sha256.hexdigest(), md5.hexdigest()
