"""Read the few header elements that scanning needs, quickly, from any DICOM file.

A general DICOM library builds an object per element. Sorting a folder needs
some sixty of them, so this reader walks the element stream once, keeps the
bytes of the wanted ones and steps over the rest (PS3.5 section 7). Whatever it
does not understand it leaves to pydicom, see `medview.io.dicom.fallback`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from struct import Struct
from typing import BinaryIO

from medview.core.errors import InputError
from medview.io.dicom import tags
from medview.io.source import ByteSource

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"

_UNDEFINED = 0xFFFFFFFF
_ITEM = 0xFFFEE000
_ITEM_END = 0xFFFEE00D
_SEQUENCE_END = 0xFFFEE0DD
_LONG_VRS = frozenset(
    (b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UN", b"UT", b"UC", b"UR", b"SV", b"UV")
)
_SHORT_VRS = frozenset(b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split())
_FIRST_READ = 16 << 10
_NEXT_READ = 64 << 10
_MAX_VALUE = 1 << 20
_MAX_DEPTH = 32
_MAX_INFLATED = 4 << 30


class UnusualHeaderError(Exception):
    """The quick reader met something it does not handle; pydicom shall try."""


@dataclass(frozen=True, slots=True)
class PixelLocation:
    """Where the pixel data element's value lies in the content.

    Attributes
    ----------
    offset, length : int
        In bytes; `length` is -1 for encapsulated (compressed) frames.
    tag : int
        Pixel Data, Float Pixel Data or Double Float Pixel Data.
    """

    offset: int
    length: int
    tag: int = tags.PIXELS

    @property
    def is_encapsulated(self) -> bool:
        """Whether the value is a sequence of fragments (PS3.5 A.4)."""
        return self.length < 0


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


class _Window:
    """A sliding view of a stream, refilled as the walk moves on."""

    __slots__ = ("base", "buffer", "size", "stream")

    def __init__(self, stream: BinaryIO, buffer: bytes, size: int) -> None:
        self.stream = stream
        self.buffer = buffer
        self.base = 0
        self.size = size

    def at(self, position: int, count: int) -> int:
        """Index into `buffer` of `count` bytes at `position`; -1 past the end."""
        index = position - self.base
        if index >= 0 and index + count <= len(self.buffer):
            return index
        if position < 0 or position + count > self.size:
            return -1
        self.stream.seek(position)
        self.buffer = self.stream.read(max(count, _NEXT_READ))
        self.base = position
        return 0 if len(self.buffer) >= count else -1


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
    window = _Window(stream, stream.read(_FIRST_READ), size)
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
        import io

        size = len(content)
        window = _Window(io.BytesIO(content), content, size)
    explicit, big = _encoding(window, position, syntax)
    walk = _Walk(window, explicit, big)
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
        If the stream is damaged or unfolds to more than 4 GiB.
    """
    stream.seek(0)
    head = stream.read(start)
    packed = stream.read(size - start)
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        body = unpacker.decompress(packed, _MAX_INFLATED)
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
        return 0 if head[2] == 0 and head[4:6] in _SHORT_VRS else None
    if head[4:6] in _SHORT_VRS | _LONG_VRS:
        return 0
    is_implicit = head[3] == 0 and int.from_bytes(head[4:8], "little") <= 256
    return 0 if head[:2] == b"\x08\x00" and is_implicit else None


def _read_meta(window: _Window, start: int) -> tuple[int, dict[int, bytes]]:
    """Walk group 2, which is always explicit little endian (PS3.10 7.1)."""
    values: dict[int, bytes] = {}
    position = start
    while True:
        at = window.at(position, 12)
        if at < 0 or window.buffer[at : at + 2] != b"\x02\x00":
            return position, values
        tag, vr, short = _EXPLICIT_LE.unpack_from(window.buffer, at)
        tag = (tag & 0xFFFF) << 16 | tag >> 16
        if vr in _LONG_VRS:
            length, head = int.from_bytes(window.buffer[at + 8 : at + 12], "little"), 12
        elif vr in _SHORT_VRS:
            length, head = short, 8
        else:
            raise UnusualHeaderError("file meta information without value representations")
        if tag in (tags.TRANSFER_SYNTAX, tags.MEDIA_SOP_CLASS):
            at = window.at(position + head, length)
            if at < 0:
                raise UnusualHeaderError("file ends in the meta information")
            values[tag] = window.buffer[at : at + length]
        position += head + length


def _encoding(window: _Window, position: int, syntax: str) -> tuple[bool, bool]:
    """Explicit value representations? Big endian? The data decides where it contradicts."""
    at = window.at(position, 8)
    if at < 0:
        return syntax != IMPLICIT_LITTLE, syntax == EXPLICIT_BIG
    looks_explicit = window.buffer[at + 4 : at + 6] in _SHORT_VRS | _LONG_VRS
    big = syntax == EXPLICIT_BIG or (
        not syntax and window.buffer[at] == 0 and window.buffer[at + 1] != 0
    )
    return looks_explicit, big


_EXPLICIT_LE = Struct("<I2sH")
_HEAD_LE = _EXPLICIT_LE.unpack_from
_PLACES_LE = {(tag & 0xFFFF) << 16 | tag >> 16: tag for tag in tags.WANTED | tags.PIXEL_TAGS}
"""Tags by the number that their four bytes make in little endian."""


class _Walk:
    """One pass over the element stream of one file."""

    def __init__(self, window: _Window, explicit: bool, big: bool) -> None:
        self.window = window
        self.explicit = explicit
        self.order: str = "big" if big else "little"
        self.big = big
        self.head = Struct((">" if big else "<") + "HH2sH")
        self.plain = Struct((">" if big else "<") + "HHI")
        self.values: dict[int, bytes] = {}
        self.present: set[int] = set()
        self.pixels: PixelLocation | None = None
        self.incomplete = False

    def run(self, position: int) -> None:
        """Collect wanted elements until the pixels or the end."""
        window, values, wanted = self.window, self.values, tags.WANTED
        explicit, size = self.explicit, window.size
        head, plain = self.head.unpack_from, self.plain.unpack_from
        buffer, base, filled = window.buffer, window.base, len(window.buffer)
        is_usual = explicit and not self.big
        while position < size:
            if is_usual:
                position = base + self._step_short(buffer, position - base)
            at = position - base
            if at + 12 > filled:
                at = window.at(position, min(12, size - position))
                buffer, base, filled = window.buffer, window.base, len(window.buffer)
                if at < 0 or filled - at < 8:
                    self.incomplete = True
                    return
            if explicit:
                group, element, vr, length = head(buffer, at)
                if vr in _LONG_VRS:
                    if filled - at < 12:
                        self.incomplete = True
                        return
                    length = plain(buffer, at + 4)[2]
                    start = position + 12
                elif vr in _SHORT_VRS:
                    start = position + 8
                else:
                    raise UnusualHeaderError(f"value representation {vr!r}")
            else:
                vr = b""
                group, element, length = plain(buffer, at)
                start = position + 8
            tag = group << 16 | element
            if group == 0x7FE0 and tag in tags.PIXEL_TAGS:
                self._note_pixels(tag, start, length)
                return
            if length == _UNDEFINED:
                if tag in tags.SEQUENCES:
                    self.present.add(tag)
                position = self._skip_items(start, explicit and vr != b"UN", 0)
                buffer, base, filled = window.buffer, window.base, len(window.buffer)
                continue
            if tag in wanted and length <= _MAX_VALUE:
                at = start - base
                if at + length > filled:
                    at = window.at(start, length)
                    buffer, base, filled = window.buffer, window.base, len(window.buffer)
                    if at < 0:
                        self.incomplete = True
                        return
                values[tag] = buffer[at : at + length]
            elif tag in tags.SEQUENCES and length:
                self.present.add(tag)
            position = start + length
        self.incomplete = position > size

    def _step_short(self, buffer: bytes, at: int) -> int:
        """Walk over elements of short form in little endian, which nearly all are.

        Returns
        -------
        int
            Index of the first element that is something else, or reaches beyond `buffer`.
        """
        head, short, places, values = _HEAD_LE, _SHORT_VRS, _PLACES_LE, self.values
        last = len(buffer) - 12
        while 0 <= at <= last:
            raw, vr, length = head(buffer, at)
            if vr not in short:
                return at
            if raw in places:
                tag = places[raw]
                end = at + 8 + length
                if tag in tags.PIXEL_TAGS or end > len(buffer):
                    return at
                values[tag] = buffer[at + 8 : end]
                at = end
            else:
                at += 8 + length
        return at

    def _note_pixels(self, tag: int, start: int, length: int) -> None:
        self.pixels = PixelLocation(start, -1 if length == _UNDEFINED else length, tag)

    def _skip_items(self, position: int, explicit: bool, depth: int) -> int:
        """Step over a sequence of undefined length; returns where it ended."""
        if depth > _MAX_DEPTH:
            raise UnusualHeaderError("sequences nested too deeply")
        while True:
            at = self.window.at(position, 8)
            if at < 0:
                raise UnusualHeaderError("file ends inside a sequence")
            group, element, length = self.plain.unpack_from(self.window.buffer, at)
            tag = group << 16 | element
            position += 8
            if tag == _SEQUENCE_END:
                return position
            if tag != _ITEM:
                raise UnusualHeaderError("sequence without items")
            if length == _UNDEFINED:
                position = self._skip_elements(position, explicit, depth + 1)
            else:
                position += length

    def _skip_elements(self, position: int, explicit: bool, depth: int) -> int:
        """Step over an item of undefined length; returns where it ended."""
        while True:
            at = self.window.at(position, 8)
            if at < 0:
                raise UnusualHeaderError("file ends inside an item")
            group, element, length = self.plain.unpack_from(self.window.buffer, at)
            if group << 16 | element == _ITEM_END:
                return position + 8
            vr = b""
            if explicit:
                vr, short = self.head.unpack_from(self.window.buffer, at)[2:]
                if vr in _LONG_VRS:
                    at = self.window.at(position, 12)
                    if at < 0:
                        raise UnusualHeaderError("file ends inside an item")
                    length = self.plain.unpack_from(self.window.buffer, at + 4)[2]
                    position += 12
                elif vr in _SHORT_VRS:
                    length = short
                    position += 8
                else:
                    raise UnusualHeaderError(f"value representation {vr!r}")
            else:
                position += 8
            if length == _UNDEFINED:
                position = self._skip_items(position, explicit and vr != b"UN", depth + 1)
            else:
                position += length


def _uid(raw: bytes) -> str:
    return raw.rstrip(b"\0 ").decode("ascii", "replace")
