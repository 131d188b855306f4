"""Find the bytes of each frame in encapsulated pixel data (PS3.5 A.4)."""

from __future__ import annotations

from typing import BinaryIO

from medview.core.errors import InputError

_ITEM = b"\xfe\xff\x00\xe0"
_END_OF_IMAGE = b"\xff\xd9"
_MAX_FRAGMENTS = 200_000
_MAX_TABLE_BYTES = 4 << 20

Range = tuple[int, int]
"""Where some bytes begin and where they end in the content of a file."""


def frame_ranges(stream: BinaryIO, start: int, frame_count: int) -> list[list[Range]]:
    """Where the fragments of every frame lie; only their heads are read.

    Parameters
    ----------
    stream : binary stream
        The content of the file, seekable.
    start : int
        Where the value of Pixel Data begins, at its offset table.
    frame_count : int
        As the header claims.

    Returns
    -------
    list of list of (begin, end)
        As many frames as could be found, at most `frame_count`.

    Raises
    ------
    InputError
        If the fragments cannot be told apart.
    """
    table, fragments = _items(stream, start)
    if not fragments:
        raise InputError("Its compressed pixels are missing.", code="damaged-pixels")
    if frame_count == 1:
        return [fragments]
    if len(fragments) == frame_count:
        return [[fragment] for fragment in fragments]
    if len(table) > 1:
        return _by_table(fragments, table)[:frame_count]
    return _by_marker(stream, fragments)[:frame_count]


def joined(stream: BinaryIO, ranges: list[Range]) -> bytes:
    """The bytes of one frame."""
    parts = []
    for begin, end in ranges:
        stream.seek(begin)
        parts.append(stream.read(end - begin))
    return b"".join(parts)


def _items(stream: BinaryIO, start: int) -> tuple[list[int], list[Range]]:
    size = stream.seek(0, 2)
    stream.seek(start)
    head = stream.read(8)
    if len(head) < 8 or head[:4] != _ITEM:
        raise InputError("Its compressed pixels are not in fragments.", code="damaged-pixels")
    length = int.from_bytes(head[4:], "little")
    raw = stream.read(min(length, _MAX_TABLE_BYTES))
    table = [int.from_bytes(raw[p : p + 4], "little") for p in range(0, len(raw) - 3, 4)]
    fragments: list[Range] = []
    position = start + 8 + length
    while position + 8 <= size:
        stream.seek(position)
        head = stream.read(8)
        if head[:4] != _ITEM:
            break
        begin = position + 8
        position = begin + int.from_bytes(head[4:], "little")
        fragments.append((begin, min(position, size)))
        if len(fragments) > _MAX_FRAGMENTS:
            raise InputError("Its compressed pixels are in shreds.", code="damaged-pixels")
    return table, fragments


def _by_table(fragments: list[Range], table: list[int]) -> list[list[Range]]:
    """Group fragments by the offset table, whose offsets count from the first fragment's item."""
    first = fragments[0][0] - 8
    starts = {offset + first for offset in table}
    frames: list[list[Range]] = []
    for fragment in fragments:
        if fragment[0] - 8 in starts or not frames:
            frames.append([])
        frames[-1].append(fragment)
    return frames


def _by_marker(stream: BinaryIO, fragments: list[Range]) -> list[list[Range]]:
    """Group fragments where streams end: without a table a frame ends with its end marker."""
    frames: list[list[Range]] = [[]]
    for begin, end in fragments:
        frames[-1].append((begin, end))
        stream.seek(max(begin, end - 4))
        if stream.read(end - max(begin, end - 4)).rstrip(b"\0").endswith(_END_OF_IMAGE):
            frames.append([])
    return [frame for frame in frames if frame]
