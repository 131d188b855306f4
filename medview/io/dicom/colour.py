"""Colour pixels of every photometric interpretation as RGB, eight bits each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import InputError
from medview.io.dicom.decode import JPEG_2000
from medview.io.dicom.instance import PixelFormat

_JPEG_LOSSY = frozenset(("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"))
_TO_RGB = np.array(
    [
        [1.0, 1.0, 1.0],
        [0.0, -0.114 * 1.772 / 0.587, 1.772],
        [1.402, -0.299 * 1.402 / 0.587, 0.0],
    ]
)
"""Rows: what Y, Cb and Cr add to R, G and B (ITU-R BT.601, full range)."""
_TO_RGB_PARTIAL = np.array(
    [
        [1.1644, 1.1644, 1.1644],
        [0.0, -0.3917, 2.0173],
        [1.5960, -0.8130, 0.0],
    ]
)
_ROWS_AT_ONCE = 256


def is_stored_as_rgb(pixel_format: PixelFormat, syntax: str) -> bool:
    """Whether decoded samples are RGB already.

    JPEG decoders convert as they decode; JPEG 2000 undoes its own colour
    transforms; all others give back what Photometric Interpretation names.
    """
    if syntax in _JPEG_LOSSY:
        return True
    if syntax in JPEG_2000 and pixel_format.photometric in ("YBR_RCT", "YBR_ICT"):
        return True
    return not pixel_format.photometric.startswith("YBR")


def to_rgb(
    decoded: NDArray[np.generic], pixel_format: PixelFormat, syntax: str
) -> NDArray[np.uint8]:
    """Samples as decoded to (rows, columns, 3) RGB of eight bits.

    Deeper samples keep their eight most significant bits.

    Raises
    ------
    InputError
        If there are neither three nor four samples per pixel.
    """
    rgb = rgb_samples(decoded, pixel_format, syntax)
    if rgb.dtype == np.uint8:
        return np.ascontiguousarray(rgb)
    if rgb.dtype.kind == "f":
        raise InputError("Its colours are not whole numbers.", code="unsupported-pixels")
    depth: NDArray[Any] = rgb
    shift = max(0, min(pixel_format.bits_stored, rgb.dtype.itemsize * 8) - 8)
    return np.ascontiguousarray(np.clip(depth >> depth.dtype.type(shift), 0, 255).astype(np.uint8))


def rgb_samples(
    decoded: NDArray[np.generic], pixel_format: PixelFormat, syntax: str
) -> NDArray[np.generic]:
    """Samples as decoded to RGB of the stored depth."""
    if decoded.ndim != 3 or decoded.shape[2] not in (3, 4):
        raise InputError(
            f"It has {pixel_format.samples} samples per pixel, which is no known colour.",
            code="unsupported-pixels",
        )
    samples = decoded[..., :3]
    if is_stored_as_rgb(pixel_format, syntax):
        return samples
    return _from_ybr(samples, partial="PARTIAL" in pixel_format.photometric)


def _from_ybr(ybr: NDArray[np.generic], *, partial: bool) -> NDArray[np.uint8]:
    """YCbCr of eight bits to RGB (PS3.3 C.7.6.3.1.2)."""
    out = np.empty(ybr.shape, np.uint8)
    matrix = _TO_RGB_PARTIAL if partial else _TO_RGB
    offset = np.array([16.0 if partial else 0.0, 128.0, 128.0])
    for start in range(0, len(ybr), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        mixed = (ybr[rows].astype(np.float64) - offset) @ matrix
        out[rows] = np.clip(np.floor(mixed + 0.5), 0, 255).astype(np.uint8)
    return out
