"""The files that a DICOMDIR names (PS3.3 annex F)."""

from __future__ import annotations

from pathlib import Path

from medview.core.data.series import Skipped
from medview.io.dicom.fallback import damage_named, read_dataset
from medview.io.source import ByteSource


def referenced_files(path: Path) -> tuple[list[Path], list[Skipped]]:
    """Files named by the directory at `path`, and what of them is missing.

    The links between records are ignored: they are often broken, and every object
    says itself where it belongs.

    Raises
    ------
    InputError
        If the directory cannot be read.
    """
    source = ByteSource(path)
    with source.open() as stream:
        dataset = read_dataset(source, stream)
    with damage_named(source, "its list of files"):
        records = dataset.get("DirectoryRecordSequence") or []
        names = [_parts(r.get("ReferencedFileID")) for r in records]
    found: list[Path] = []
    missing: list[Skipped] = []
    for parts in dict.fromkeys(n for n in names if n):
        target = _below(path.parent, parts)
        if target is not None:
            found.append(target)
        else:
            name = "/".join(parts)
            missing.append(
                Skipped(
                    str(path.parent / "/".join(p for p in parts if p != "..")),
                    "missing-file",
                    f"{path.name} names the file {name}, which is not there.",
                )
            )
    return found, missing


def _parts(value: object) -> tuple[str, ...]:
    if not value:
        return ()
    if isinstance(value, str):
        return tuple(value.replace("/", "\\").split("\\"))
    return tuple(str(part) for part in value)  # type: ignore[attr-defined]


def _below(folder: Path, parts: tuple[str, ...]) -> Path | None:
    """The file below `folder`, whatever the case of its name; None if it would lie elsewhere."""
    if any(p in ("", ".", "..") or "/" in p or "\\" in p for p in parts):
        return None
    current = folder
    for part in parts:
        candidate = current / part
        if not candidate.exists():
            same = [p for p in _entries(current) if p.name.lower() == part.lower()]
            if not same:
                return None
            candidate = same[0]
        current = candidate
    return current if current.is_file() else None


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
