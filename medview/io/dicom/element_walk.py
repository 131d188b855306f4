"""Walk over the element stream of one DICOM file and keep what is wanted (PS3.5 section 7)."""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import BinaryIO

from medview.io.dicom import tags

_UNDEFINED = 0xFFFFFFFF
_ITEM = 0xFFFEE000
_ITEM_END = 0xFFFEE00D
_SEQUENCE_END = 0xFFFEE0DD
LONG_VRS = frozenset(
    (b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UN", b"UT", b"UC", b"UR", b"SV", b"UV")
)
SHORT_VRS = frozenset(b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split())
_NEXT_READ = 64 << 10
_MAX_VALUE = 1 << 20
_MAX_DEPTH = 32


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
    in_words : bool
        Value representation OW, whose pairs of bytes big endian files turn round.
    """

    offset: int
    length: int
    tag: int = tags.PIXELS
    in_words: bool = False

    @property
    def is_encapsulated(self) -> bool:
        """Whether the value is a sequence of fragments (PS3.5 A.4)."""
        return self.length < 0


class Window:
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


EXPLICIT_LE = Struct("<I2sH")
_HEAD_LE = EXPLICIT_LE.unpack_from
_PLACES_LE = {(tag & 0xFFFF) << 16 | tag >> 16: tag for tag in tags.WANTED | tags.PIXEL_TAGS}
"""Tags by the number that their four bytes make in little endian."""


class Walk:
    """One pass over the element stream of one file."""

    def __init__(self, window: Window, explicit: bool, big: bool) -> None:
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
                if vr in LONG_VRS:
                    if filled - at < 12:
                        self.incomplete = True
                        return
                    length = plain(buffer, at + 4)[2]
                    start = position + 12
                elif vr in SHORT_VRS:
                    start = position + 8
                else:
                    raise UnusualHeaderError(f"value representation {vr!r}")
            else:
                vr = b""
                group, element, length = plain(buffer, at)
                start = position + 8
            tag = group << 16 | element
            if group == 0x7FE0 and tag in tags.PIXEL_TAGS:
                self._note_pixels(tag, start, length, vr)
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
        head, short, places, values = _HEAD_LE, SHORT_VRS, _PLACES_LE, self.values
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

    def _note_pixels(self, tag: int, start: int, length: int, vr: bytes) -> None:
        length = -1 if length == _UNDEFINED else length
        self.pixels = PixelLocation(start, length, tag, in_words=vr == b"OW")

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
                if vr in LONG_VRS:
                    at = self.window.at(position, 12)
                    if at < 0:
                        raise UnusualHeaderError("file ends inside an item")
                    length = self.plain.unpack_from(self.window.buffer, at + 4)[2]
                    position += 12
                elif vr in SHORT_VRS:
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
