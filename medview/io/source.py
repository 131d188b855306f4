"""Where the bytes of one input lie: a file, a member of a zip archive, or a gzip stream."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from medview.core.errors import InputError

MAX_UNPACKED_BYTES = 8 << 30
"""One packed member may not unfold to more than this."""


@dataclass(frozen=True, slots=True, order=True)
class ByteSource:
    """A place to read bytes from.

    Attributes
    ----------
    path : Path
        A file of the file system.
    member : str or None
        Name of an entry of the zip archive at `path`.
    gzipped : bool
        Whether the content is a gzip stream.
    """

    path: Path
    member: str | None = None
    gzipped: bool = False

    @property
    def name(self) -> str:
        """Last part of the name, for messages; never a folder of the user."""
        return Path(self.member).name if self.member else self.path.name

    @property
    def label(self) -> str:
        """The full name as INTERFACE files print it."""
        return f"{self.path}/{self.member}" if self.member else str(self.path)

    @property
    def is_plain(self) -> bool:
        """Whether offsets in the content are offsets in the file."""
        return self.member is None and not self.gzipped

    def open(self) -> BinaryIO:
        """The content as an unbuffered, seekable stream.

        Packed content is unfolded into memory, after its size was checked.

        Raises
        ------
        InputError
            If packed content is damaged or implausibly large.
        OSError
            If the file cannot be opened.
        """
        if self.is_plain:
            return cast("BinaryIO", self.path.open("rb", buffering=0))
        return io.BytesIO(self.read(MAX_UNPACKED_BYTES))

    def read(self, limit: int) -> bytes:
        """The content, at most `limit` bytes.

        Raises
        ------
        InputError
            If the content is longer, or packed and damaged.
        """
        data = self.head(limit + 1)
        if len(data) > limit:
            raise InputError(
                f"{self.name} holds more than {limit >> 20} MiB; it was not read.",
                code="too-large",
            )
        return data

    def head(self, count: int) -> bytes:
        """The first `count` bytes of the content.

        Raises
        ------
        InputError
            If packed content is damaged.
        """
        try:
            if self.member is not None:
                with (
                    zipfile.ZipFile(self.path) as archive,
                    archive.open(self.member) as stream,
                ):
                    return _gunzip(stream, count) if self.gzipped else stream.read(count)
            with self.path.open("rb") as file:
                return _gunzip(file, count) if self.gzipped else file.read(count)
        except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error, KeyError) as error:
            raise InputError(
                f"{self.name} is packed and its content is damaged.", code="damaged-archive"
            ) from error
        except (NotImplementedError, RuntimeError) as error:
            raise InputError(
                f"{self.name} is packed in a way that cannot be read "
                "(encrypted, or an unknown method).",
                code="unsupported-archive",
            ) from error


def _gunzip(stream: object, count: int) -> bytes:
    with gzip.GzipFile(fileobj=cast("BinaryIO", stream)) as unpacked:
        return unpacked.read(count)
