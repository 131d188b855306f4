"""Colour TIFF with sixteen bits a sample, which Pillow does not know."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import InputError
from medview.io.source import ByteSource

_COLUMNS, _ROWS, _BITS, _SAMPLES = 256, 257, 258, 277
_MAGIC = (b"II*\0", b"MM\0*")


def deep_tiff_size(source: ByteSource) -> tuple[int, int] | None:
    """Rows and columns of a TIFF with 16-bit colour, or None if the file is no such thing."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    with source.open() as stream:
        head = stream.read(8)
        if not head.startswith(_MAGIC):
            return None
        # The parser raises whatever the damaged bytes lead it into.
        try:
            entries: Any = ImageFileDirectory_v2(head)
            stream.seek(entries.next)
            entries.load(stream)
            rows, columns = int(entries[_ROWS]), int(entries[_COLUMNS])
            is_deep = entries.get(_SAMPLES) in (3, 4) and set(entries[_BITS]) == {16}
        except Exception:  # noqa: BLE001
            return None
    return (rows, columns) if is_deep and rows > 0 and columns > 0 else None


def read_deep_tiff(source: ByteSource, rows: int, columns: int) -> NDArray[np.uint8]:
    """Its first page as (rows, columns, 3) RGB; the upper eight bits of each sample.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    import imagecodecs

    with source.open() as stream:
        data = stream.read()
    # libtiff's wrapper raises classes of its own, with no common base but Exception.
    try:
        pixels = imagecodecs.tiff_decode(data)
    except Exception as error:
        raise InputError(
            f"{source.name} is a picture file and is damaged.", code="damaged-pixels"
        ) from error
    if pixels.dtype != np.uint16 or pixels.shape[:2] != (rows, columns) or pixels.ndim != 3:
        raise InputError(
            f"{source.name} is a kind of TIFF that cannot be shown.", code="unsupported-pixels"
        )
    return np.ascontiguousarray(pixels[..., :3] >> 8).astype(np.uint8)
