"""List what a zip archive holds, refusing what could only be a trap."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from medview.core.data.series import Skipped
from medview.core.errors import InputError
from medview.io.source import ByteSource, Member, most_unpacked

ZIP_MAGIC = b"PK\x03\x04"
_MAX_MEMBERS = 200_000


def members(path: Path) -> Iterator[ByteSource | Skipped]:
    """Every file of an archive, or why it is not read.

    Nothing is unpacked to disk, so a member's name cannot escape from anywhere.

    Raises
    ------
    InputError
        If the archive itself cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(
            f"{path.name} is a zip archive and is damaged.", code="damaged-archive"
        ) from error
    if len(entries) > _MAX_MEMBERS:
        raise InputError(f"{path.name} holds too many files.", code="too-large")
    for entry in sorted(entries, key=lambda e: e.filename):
        if entry.is_dir():
            continue
        source = ByteSource(
            path,
            Member(
                entry.filename,
                entry.header_offset,
                entry.compress_size,
                entry.file_size,
                entry.compress_type,
                entry.CRC,
            ),
        )
        reason = _reason_against(entry)
        yield source if reason is None else Skipped(source.label, *_worded(reason, source.name))


def _reason_against(entry: zipfile.ZipInfo) -> str | None:
    if entry.flag_bits & 0x1:
        return "encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "method"
    return "bomb" if entry.file_size > most_unpacked(entry.compress_size) else None


def _worded(reason: str, name: str) -> tuple[str, str]:
    return {
        "encrypted": (
            "encrypted-archive",
            f"{name} is encrypted in the archive; unpack it with its password first.",
        ),
        "method": (
            "unsupported-archive",
            f"{name} is packed with an uncommon method; unpack the archive first.",
        ),
        "bomb": (
            "too-large",
            f"{name} would unfold to an implausible size; unpack the archive first.",
        ),
    }[reason]
