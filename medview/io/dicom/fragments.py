"""Find the bytes of each frame in encapsulated pixel data (PS3.5 A.4)."""

from __future__ import annotations

from medview.core.errors import InputError

_ITEM = b"\xfe\xff\x00\xe0"
_END = b"\xfe\xff\xdd\xe0"


def split_frames(content: bytes | memoryview, start: int, frame_count: int) -> list[bytes]:
    """The compressed bytes of every frame.

    Parameters
    ----------
    content : bytes
        Of the whole file.
    start : int
        Where the value of Pixel Data begins, at its offset table.
    frame_count : int
        As the header claims.

    Returns
    -------
    list of bytes
        As many as could be found, at most `frame_count`.

    Raises
    ------
    InputError
        If the fragments cannot be told apart.
    """
    table, fragments = _items(content, start)
    if not fragments:
        raise InputError("Its compressed pixels are missing.", code="damaged-pixels")
    view = memoryview(content)
    parts = [view[a:b] for a, b in fragments]
    if frame_count == 1:
        return [b"".join(parts)]
    if len(parts) == frame_count:
        return [bytes(p) for p in parts]
    if len(table) > 1:
        return _by_table(parts, fragments, table)[:frame_count]
    return _by_marker(parts)[:frame_count]


def _items(content: bytes | memoryview, start: int) -> tuple[list[int], list[tuple[int, int]]]:
    view = memoryview(content)
    size = len(view)
    if bytes(view[start : start + 4]) != _ITEM:
        raise InputError("Its compressed pixels are not in fragments.", code="damaged-pixels")
    length = int.from_bytes(view[start + 4 : start + 8], "little")
    first = start + 8 + length
    table = [
        int.from_bytes(view[p : p + 4], "little") for p in range(start + 8, min(first, size - 3), 4)
    ]
    fragments = []
    position = first
    while position + 8 <= size and bytes(view[position : position + 4]) == _ITEM:
        length = int.from_bytes(view[position + 4 : position + 8], "little")
        end = min(position + 8 + length, size)
        fragments.append((position + 8, end))
        position = position + 8 + length
    return table, fragments


def _by_table(
    parts: list[memoryview], fragments: list[tuple[int, int]], table: list[int]
) -> list[bytes]:
    """Group fragments by the offset table, whose offsets count from the first fragment's item."""
    first = fragments[0][0] - 8
    starts = {offset + first for offset in table}
    frames: list[list[memoryview]] = []
    for part, (begin, _) in zip(parts, fragments, strict=True):
        if begin - 8 in starts or not frames:
            frames.append([])
        frames[-1].append(part)
    return [b"".join(f) for f in frames]


def _by_marker(parts: list[memoryview]) -> list[bytes]:
    """Group fragments where streams end: without a table a frame ends with its end marker."""
    frames: list[list[memoryview]] = [[]]
    for part in parts:
        frames[-1].append(part)
        tail = bytes(part[-4:]).rstrip(b"\0")
        if tail.endswith(b"\xff\xd9"):
            frames.append([])
    return [b"".join(f) for f in frames if f]
