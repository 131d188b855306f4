"""Read the few header elements that scanning needs, quickly, from any DICOM file.

A general DICOM library builds an object per element. Sorting a folder needs
some sixty of them, so this reader walks the element stream once, keeps the
bytes of the wanted ones and steps over the rest (PS3.5 section 7). Whatever it
does not understand it leaves to pydicom, see `medview.io.dicom.fallback`.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass, field
from typing import BinaryIO

from medview.core.errors import InputError
from medview.io.dicom import tags
from medview.io.dicom.element_walk import (
    EXPLICIT_LE,
    LONG_VRS,
    SHORT_VRS,
    PixelLocation,
    UnusualHeaderError,
    Walk,
    Window,
)
from medview.io.source import ByteSource, most_unpacked

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"


_FIRST_READ = 16 << 10


@dataclass(frozen=True, slots=True)
class Header:
    """The wanted elements of one DICOM file as bytes.

    Attributes
    ----------
    source : ByteSource
    size : int
        Length of the content in bytes, after inflating where that was needed.
    transfer_syntax : str
    values : dict
        Raw value by tag, see `tags.WANTED`.
    present : frozenset of int
        Which of `tags.SEQUENCES` occur.
    pixels : PixelLocation or None
    big_endian : bool
        Byte order of binary numbers in `values` and of native pixels.
    inflated_from : int or None
        Where the deflated stream starts (PS3.5 A.5); offsets then count in
        ``content[:inflated_from] + inflated``.
    incomplete : bool
        The file ended inside an element.
    """

    source: ByteSource
    size: int
    transfer_syntax: str
    values: dict[int, bytes] = field(repr=False)
    present: frozenset[int] = frozenset()
    pixels: PixelLocation | None = None
    big_endian: bool = False
    inflated_from: int | None = None
    incomplete: bool = False


def read_header(source: ByteSource, stream: BinaryIO, size: int) -> Header | None:
    """Read the wanted elements.

    Parameters
    ----------
    source : ByteSource
        Kept in the result.
    stream : binary stream
        Unbuffered and seekable, at its start.
    size : int
        Length of the stream.

    Returns
    -------
    Header or None
        None if this is no DICOM file.

    Raises
    ------
    UnusualHeaderError
        If the file looks like DICOM and needs a more patient reader.
    """
    window = Window(stream, stream.read(_FIRST_READ), size)
    start = dataset_start(window.buffer)
    if start is None:
        return None
    values: dict[int, bytes] = {}
    position = start
    syntax = ""
    if window.buffer[start : start + 2] == b"\x02\x00":
        position, values = _read_meta(window, start)
        syntax = _uid(values.get(tags.TRANSFER_SYNTAX, b""))
        if not syntax:
            raise UnusualHeaderError("no transfer syntax")
    inflated_from = None
    if syntax == DEFLATED:
        inflated_from = position
        content = inflate(stream, position, size)
        size = len(content)
        window = Window(io.BytesIO(content), content, size)
    explicit, big = _encoding(window, position, syntax)
    walk = Walk(window, explicit, big)
    walk.values = values
    walk.run(position)
    return Header(
        source=source,
        size=size,
        transfer_syntax=syntax
        or (EXPLICIT_BIG if big else EXPLICIT_LITTLE if explicit else IMPLICIT_LITTLE),
        values=walk.values,
        present=frozenset(walk.present),
        pixels=walk.pixels,
        big_endian=big,
        inflated_from=inflated_from,
        incomplete=walk.incomplete,
    )


def inflate(stream: BinaryIO, start: int, size: int) -> bytes:
    """The content of a deflated file with the part after `start` unfolded.

    Raises
    ------
    InputError
        If the stream is damaged or unfolds to more than is plausible.
    """
    stream.seek(0)
    head = stream.read(start)
    packed = stream.read(size - start)
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        body = unpacker.decompress(packed, most_unpacked(len(packed)))
    except zlib.error as error:
        raise InputError("The deflated content is damaged.", code="damaged-pixels") from error
    if unpacker.unconsumed_tail:
        raise InputError("The deflated content is implausibly large.", code="too-large")
    return head + body


def dataset_start(head: bytes) -> int | None:
    """Where the first element of a DICOM file lies; None if it is no DICOM file."""
    if head[128:132] == b"DICM":
        return 132
    # Without a preamble only a believable first element counts: group 2 or 8, then a VR or a
    # small length, so that text and other formats are not taken for DICOM.
    if len(head) < 16 or head[:2] not in (b"\x02\x00", b"\x08\x00", b"\x00\x08"):
        return None
    if head[:2] == b"\x00\x08":
        return 0 if head[2] == 0 and head[4:6] in SHORT_VRS else None
    if head[4:6] in SHORT_VRS | LONG_VRS:
        return 0
    is_implicit = head[3] == 0 and int.from_bytes(head[4:8], "little") <= 256
    return 0 if head[:2] == b"\x08\x00" and is_implicit else None


def is_surely_dicom(head: bytes) -> bool:
    """Whether a file without preamble starts as no other file does: group, element and VR."""
    start = head[:2] in (b"\x02\x00", b"\x08\x00") and head[3:4] == b"\0"
    return start and head[4:6] in SHORT_VRS


def _read_meta(window: Window, start: int) -> tuple[int, dict[int, bytes]]:
    """Walk group 2, which is always explicit little endian (PS3.10 7.1)."""
    values: dict[int, bytes] = {}
    position = start
    while True:
        at = window.at(position, 12)
        if at < 0 or window.buffer[at : at + 2] != b"\x02\x00":
            return position, values
        tag, vr, short = EXPLICIT_LE.unpack_from(window.buffer, at)
        tag = (tag & 0xFFFF) << 16 | tag >> 16
        if vr in LONG_VRS:
            length, head = int.from_bytes(window.buffer[at + 8 : at + 12], "little"), 12
        elif vr in SHORT_VRS:
            length, head = short, 8
        else:
            raise UnusualHeaderError("file meta information without value representations")
        if tag in (tags.TRANSFER_SYNTAX, tags.MEDIA_SOP_CLASS):
            at = window.at(position + head, length)
            if at < 0:
                raise UnusualHeaderError("file ends in the meta information")
            values[tag] = window.buffer[at : at + length]
        position += head + length


def _encoding(window: Window, position: int, syntax: str) -> tuple[bool, bool]:
    """Explicit value representations? Big endian? The data decides where it contradicts."""
    at = window.at(position, 8)
    if at < 0:
        return syntax != IMPLICIT_LITTLE, syntax == EXPLICIT_BIG
    looks_explicit = window.buffer[at + 4 : at + 6] in SHORT_VRS | LONG_VRS
    big = syntax == EXPLICIT_BIG or (
        not syntax and window.buffer[at] == 0 and window.buffer[at + 1] != 0
    )
    return looks_explicit, big


def _uid(raw: bytes) -> str:
    return raw.rstrip(b"\0 ").decode("ascii", "replace")
