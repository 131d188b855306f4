"""What a JPEG, JPEG-LS or JPEG 2000 stream says of itself, read before it is decoded."""

from __future__ import annotations

from dataclasses import dataclass

from medview.core.errors import InputError

_SOF = frozenset((0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xF7))
_BARE = frozenset((0x01, *range(0xD0, 0xD9)))


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """Size and sample format of a compressed frame.

    Attributes
    ----------
    rows, columns, samples, precision : int
    signed : bool
        JPEG 2000 only.
    is_rgb : bool or None
        What the stream says of its colour space; None where it is silent.
    """

    rows: int
    columns: int
    samples: int
    precision: int
    signed: bool = False
    is_rgb: bool | None = None


def _damaged() -> InputError:
    return InputError("Its compressed pixels have no readable beginning.", code="damaged-pixels")


def jpeg_info(data: bytes) -> StreamInfo:
    """Read the frame header of a JPEG or JPEG-LS stream (ITU-T T.81 B.2.2, T.87 C.2.2).

    Raises
    ------
    InputError
        If there is none.
    """
    position = data.find(b"\xff\xd8") + 2
    if position < 2:
        raise _damaged()
    adobe: bool | None = None
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            raise _damaged()
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker in _BARE:
            position += 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        body = data[position + 4 : position + 2 + length]
        if marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12:
            adobe = body[11] == 0
        if marker in _SOF:
            return _frame_header(body, adobe)
        if marker == 0xDA or length < 2:
            break
        position += 2 + length
    raise _damaged()


def _frame_header(body: bytes, adobe: bool | None) -> StreamInfo:
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        raise _damaged()
    count = body[5]
    is_rgb = adobe
    if is_rgb is None and count == 3 and body[6:15:3] == b"RGB":
        is_rgb = True
    return StreamInfo(
        rows=int.from_bytes(body[1:3], "big"),
        columns=int.from_bytes(body[3:5], "big"),
        samples=count,
        precision=body[0],
        is_rgb=is_rgb,
    )


def jpeg2000_info(data: bytes) -> StreamInfo:
    """Read the SIZ segment of a JPEG 2000 or HTJ2K stream (ITU-T T.800 A.5.1).

    Raises
    ------
    InputError
        If there is none.
    """
    start = data.find(b"\xff\x4f\xff\x51")
    if start < 0 or len(data) < start + 45:
        raise _damaged()
    siz = data[start + 4 :]

    def number(at: int) -> int:
        return int.from_bytes(siz[at : at + 4], "big")

    depth = siz[38]
    return StreamInfo(
        rows=number(8) - number(16),
        columns=number(4) - number(12),
        samples=int.from_bytes(siz[36:38], "big"),
        precision=(depth & 0x7F) + 1,
        signed=bool(depth & 0x80),
    )
