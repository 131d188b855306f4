"""Zip archives of strangers: looked at and unpacked within bounds, never outside the target."""

from __future__ import annotations

import contextlib
import hashlib
import lzma
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath, PurePosixPath

from medview.core.progress import ProgressFn, ignore_progress
from medview.host.packages.errors import PackageError, require_room

MOST_MEMBERS = 50_000
MOST_BYTES = 24 << 30
_MOST_LIST = 64 << 20
_MOST_RATIO = 1000
_SMALL = 64 << 20
_BLOCK = 1 << 20
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9]) *(?:\..*)?", re.DOTALL
)
"""Devices of Windows, as `comparable` writes them: there ``COM¹`` and ``nul .txt`` are some too."""

DAMAGED = (
    OSError, EOFError, KeyError, ValueError, RuntimeError, struct.error, zipfile.BadZipFile,
    zlib.error, lzma.LZMAError,
)  # fmt: skip
"""Everything that reading a damaged archive raises."""


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip archive whose list of members is harmless.

    Raises
    ------
    PackageError
        If it is no zip, or a member would leave the target, is a link, is
        encrypted, is there twice, or the whole would be too large.
    """
    with contextlib.ExitStack() as stack:
        try:
            # The list is read whole, so its size is asked first.
            if _list_bytes(path) > _MOST_LIST:
                raise _refused(path, f"it has more than {MOST_MEMBERS} members")
            archive = stack.enter_context(zipfile.ZipFile(path))
        except DAMAGED as error:
            raise _refused(path, "it is no zip archive, or a damaged one. Get it again") from error
        wrong = _wrong(archive.infolist(), path.stat().st_size)
        if wrong:
            raise _refused(path, wrong)
        yield archive


def read_member(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """A small member in full.

    Raises
    ------
    PackageError
        If it is larger than `most` bytes, or damaged.
    """
    try:
        with archive.open(name) as file:
            content = file.read(most + 1)
    except DAMAGED as error:
        raise damaged(archive, f"'{PurePosixPath(name).name}' in it cannot be read") from error
    if len(content) > most:
        raise PackageError(
            f"'{name_of(archive)}' is refused: '{PurePosixPath(name).name}' in it is too large."
        )
    return content


def name_of(archive: zipfile.ZipFile) -> str:
    """The name of its file, without folders."""
    return PurePath(archive.filename or "the archive").name


def damaged(archive: zipfile.ZipFile, why: str) -> PackageError:
    """The error for an archive of which a part cannot be read."""
    return PackageError(
        f"'{name_of(archive)}' is damaged: {why}. Get the file again.", code="package-archive"
    )


def comparable(name: str) -> str:
    """The same for names that are one file where case or the form of accents do not count.

    Windows and macOS do not tell letters by their case, and macOS not by their composition.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def unpack(
    archive: zipfile.ZipFile, target: Path, progress: ProgressFn = ignore_progress
) -> dict[str, str]:
    """Write all members below `target` and return the SHA-256 of each.

    Raises
    ------
    PackageError
        If a member is damaged or longer than it says, or there is no room for it.
    """
    members = [info for info in archive.infolist() if not info.is_dir()]
    total, done = max(1, sum(info.file_size for info in members)), 0
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    require_room(target, total, "Unpacking it")
    hashes: dict[str, str] = {}
    for info in members:
        path = target / info.filename
        digest, left = hashlib.sha256(), info.file_size
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with archive.open(info) as source, path.open("xb") as file:
                while block := source.read(_BLOCK):
                    left -= len(block)
                    if left < 0:
                        raise zipfile.BadZipFile
                    file.write(block)
                    digest.update(block)
                    done += len(block)
                    progress(min(1.0, done / total), "Unpacking")
        except DAMAGED as error:
            why = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
            raise PackageError(
                f"'{path.name[:80]}' in '{name_of(archive)}' cannot be unpacked: it is damaged, "
                f"or has no place here{why}."
            ) from error
        hashes[info.filename] = digest.hexdigest()
    return hashes


def _list_bytes(path: Path) -> int:
    """Size of the list of members, as the end of the archive tells it (APPNOTE 4.3.14, 4.3.16)."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - (1 << 16) - 64))
        tail = file.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + 22:
        return 0
    (length,) = struct.unpack_from("<I", tail, end + 12)
    large = tail.rfind(b"PK\6\6", 0, end)
    if large >= 0 and len(tail) >= large + 48:
        length = max(
            length if length < 0xFFFFFFFF else 0, *struct.unpack_from("<Q", tail, large + 40)
        )
    return int(length)


def _wrong(members: list[zipfile.ZipInfo], size: int) -> str:
    if len(members) > MOST_MEMBERS:
        return f"it has more than {MOST_MEMBERS} members"
    total = sum(info.file_size for info in members)
    if total > MOST_BYTES or (total > _SMALL and total > _MOST_RATIO * size):
        return "it would unpack to an unreasonable size"
    seen: set[str] = set()
    for info in members:
        if why := _why_unsafe(info):
            return f"a member {why}"
        key = comparable(info.filename.rstrip("/"))
        if key in seen and not info.is_dir():
            return "a member is there twice"
        seen.add(key)
    return ""


def _why_unsafe(info: zipfile.ZipInfo) -> str:
    name = info.filename
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts:
        return "lies outside it"
    if set(name) & set('\\\0:*?"<>|') or info.orig_filename != name or not name.isprintable():
        return "has a name that systems read differently"
    if any(
        _RESERVED.fullmatch(comparable(part)) or part[-1] in " ." or len(part) > 200
        for part in parts
    ):
        return "has a name that not every system can have"
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a device"
    if info.flag_bits & 0x1:
        return "is encrypted"
    return ""


def _refused(path: Path, why: str) -> PackageError:
    return PackageError(f"'{path.name}' is refused: {why}.", code="package-archive")
