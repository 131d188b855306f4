"""Where the bytes of one input lie: a file, a member of a zip archive, or a gzip stream."""

from __future__ import annotations

import io
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from medview.core.errors import InputError

MAX_UNPACKED_BYTES = 2 << 30
"""One packed member may not unfold to more than this."""

_SUSPICIOUS_BYTES = 64 << 20
_SUSPICIOUS_RATIO = 200
_STORED, _DEFLATED = 0, 8
_GZIP_SLACK = 1 << 16
_LOCAL_HEADER = b"PK\x03\x04"


def most_unpacked(packed: int) -> int:
    """How many bytes `packed` ones may unfold to before it is taken for a trap."""
    return min(MAX_UNPACKED_BYTES, max(_SUSPICIOUS_BYTES, _SUSPICIOUS_RATIO * packed))


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """An entry of a zip archive (APPNOTE.TXT 4.3).

    Attributes
    ----------
    name : str
        As the archive spells it; never used as a path to write to.
    offset : int
        Of its local header in the archive.
    packed_size, size : int
        Bytes in the archive; bytes after unpacking, as declared.
    method : int
        0 stored, 8 deflated.
    crc : int
        CRC-32 of the unpacked bytes.
    """

    name: str
    offset: int
    packed_size: int
    size: int
    method: int
    crc: int


@dataclass(frozen=True, slots=True, order=True)
class ByteSource:
    """A place to read bytes from.

    Attributes
    ----------
    path : Path
        A file of the file system.
    member : Member or None
        An entry of the zip archive at `path`.
    gzipped : bool
        Whether the content is a gzip stream to look into.
    """

    path: Path
    member: Member | None = None
    gzipped: bool = False

    @property
    def name(self) -> str:
        """Last part of the name, for messages; never a folder of the user."""
        return self.member.name.rsplit("/", 1)[-1] if self.member else self.path.name

    @property
    def label(self) -> str:
        """The full name as INTERFACE files print it."""
        return f"{self.path}/{self.member.name}" if self.member else str(self.path)

    @property
    def folder(self) -> str:
        """What lies beside it has the same folder."""
        return self.label.rsplit("/", 1)[0] if self.member else str(self.path.parent)

    @property
    def is_plain(self) -> bool:
        """Whether offsets in the content are offsets in the file."""
        return self.member is None and not self.gzipped

    def open(self) -> BinaryIO:
        """The content as an unbuffered, seekable stream.

        Packed content is unfolded into memory, up to a limit.

        Raises
        ------
        InputError
            If packed content is damaged or implausibly large.
        OSError
            If the file cannot be opened.
        """
        if self.is_plain:
            return cast("BinaryIO", self.path.open("rb", buffering=0))
        return io.BytesIO(self.read())

    def read(self, limit: int = MAX_UNPACKED_BYTES) -> bytes:
        """The whole content.

        Raises
        ------
        InputError
            If it is longer than `limit`, or packed and damaged.
        """
        if self.gzipped and self.member is None:
            limit = min(limit, most_unpacked(self.path.stat().st_size))
        data = self.head(limit + 1)
        if len(data) > limit:
            raise InputError(
                f"{self.name} unfolds to more than {limit >> 20} MiB; it was not read.",
                code="too-large",
            )
        if self.member is not None and not self.gzipped and not _is_whole(data, self.member):
            raise InputError(f"{self.name} is damaged inside the archive.", code="damaged-archive")
        return data

    def head(self, count: int) -> bytes:
        """The first `count` bytes of the content.

        Raises
        ------
        InputError
            If packed content is damaged.
        """
        if self.member is None:
            with self.path.open("rb") as file:
                # Deflate never makes data much longer, so this much input makes `count` bytes.
                packed = file.read(count + _GZIP_SLACK) if self.gzipped else b""
                return _gunzip(packed, count, self.name) if self.gzipped else file.read(count)
        data = self._unpack(self.member, MAX_UNPACKED_BYTES if self.gzipped else count)
        return _gunzip(data, count, self.name) if self.gzipped else data

    def _unpack(self, member: Member, count: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(member.offset)
            fixed = file.read(30)
            if len(fixed) < 30 or fixed[:4] != _LOCAL_HEADER:
                raise InputError(
                    f"{self.name} is damaged inside the archive.", code="damaged-archive"
                )
            lengths = int.from_bytes(fixed[26:28], "little") + int.from_bytes(
                fixed[28:30], "little"
            )
            file.seek(member.offset + 30 + lengths)
            if member.method == _STORED:
                return file.read(min(count, member.packed_size))
            packed = file.read(min(member.packed_size, count + _GZIP_SLACK))
            return _inflate(packed, -zlib.MAX_WBITS, count, self.name)

    @contextmanager
    def as_file(self) -> Iterator[Path]:
        """The content as a file of the file system, for readers that need one.

        Packed content goes to a private temporary folder under a name of our own,
        and is gone afterwards.
        """
        if self.is_plain:
            yield self.path
            return
        suffix = "".join(Path(self.name).suffixes[-2:])
        with tempfile.TemporaryDirectory(prefix="medview-") as folder:
            path = Path(folder) / f"content{suffix}"
            path.write_bytes(self.read())
            yield path


def _is_whole(data: bytes, member: Member) -> bool:
    return len(data) == member.size and zlib.crc32(data) == member.crc


def _gunzip(packed: bytes, count: int, name: str) -> bytes:
    return _inflate(packed, 16 + zlib.MAX_WBITS, count, name)


def _inflate(packed: bytes, window: int, count: int, name: str) -> bytes:
    """At most `count` bytes, whatever the stream would unfold to."""
    try:
        return zlib.decompressobj(window).decompress(packed, max(1, count))
    except zlib.error as error:
        raise InputError(
            f"{name} is packed and its content is damaged.", code="damaged-archive"
        ) from error
