"""Long lists of records cross as files of lines, each short enough to be read without a stall.

Reading JSON holds the interpreter in one piece: 50,000 detections in one message stop the window
for half a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from medview.worker.blocks import Blocks
from medview.worker.channel import MAX_BYTES, dumps, loads
from medview.worker.structure import MAX_ITEMS, CodecError, encode, read_value

MOST_BYTES = 32 << 20
"""Of all lists of one result."""

_LINE_BYTES = 16 << 10


def put_list(items: object, blocks: Blocks, where: str) -> dict[str, Any]:
    """Write a list of records; gives the JSON that names it.

    Parameters
    ----------
    items : tuple or list
        Of records, and no longer than `MAX_ITEMS`.
    blocks : Blocks
    where : str
        Names it in errors.

    Raises
    ------
    CodecError
        If it is no such list, or a record is too large.
    OSError
        If there is no room.
    """
    if not isinstance(items, tuple | list) or len(items) > MAX_ITEMS:
        raise CodecError(f"{where} must be a list of at most {MAX_ITEMS}.")
    lines, waiting, size = bytearray(), list[bytes](), 0
    for item in items:
        text = dumps(encode(item))
        if len(text) > MAX_BYTES - 4:
            raise CodecError(f"{where} has a part of {len(text) >> 10} KiB, which is too large.")
        if waiting and size + len(text) > _LINE_BYTES:
            lines += _line(waiting)
            waiting, size = [], 0
        waiting.append(text)
        size += len(text) + 1
    lines += _line(waiting)
    return blocks.put(np.frombuffer(bytes(lines), np.uint8))


def take_list(
    kind: Any, data: object, blocks: Blocks, most_bytes: int, where: str
) -> tuple[tuple[Any, ...], int]:
    """The list that the other side wrote, every record checked, and its bytes; its file is removed.

    Raises
    ------
    CodecError
        If anything in it is not what it must be.
    """
    array = blocks.take(data, most_bytes)
    if array.dtype != np.uint8:
        raise CodecError(f"{where} is not in order.")
    items: list[Any] = []
    for line in _lines(array.reshape(-1).data):
        try:
            part = loads(line)
        except (ValueError, RecursionError) as error:
            raise CodecError(f"{where} is not JSON.") from error
        items += read_value(tuple[kind, ...], part, where)
        if len(items) > MAX_ITEMS:
            raise CodecError(f"{where} must be a list of at most {MAX_ITEMS}.")
    return tuple(items), array.nbytes


def _line(texts: list[bytes]) -> bytes:
    return b"[" + b",".join(texts) + b"]\n"


def _lines(data: memoryview) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        window = bytes(data[at : at + MAX_BYTES])
        end = window.rfind(b"\n") + 1
        if not end:
            raise CodecError("A list has a line that is too long.")
        yield from window[: end - 1].split(b"\n")
        at += end
