"""What lungmask's network sees of a slice: the body, cut out and resized to 256 x 256."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

SIZE = 256
LOW_HU, HIGH_HU = -1024, 600
_BODY_SIZE = 128
_BODY_HU = -500
_ERODED = 2
_EVERYWHERE = np.ones((3, 3), dtype=bool)

Box = tuple[slice, slice]


def seen(plane: NDArray[Any]) -> tuple[NDArray[np.float32], Box]:
    """The network's input for one axial slice, and where it was cut out.

    Parameters
    ----------
    plane : (rows, columns) ndarray
        Hounsfield units, rows towards posterior and columns towards left.

    Returns
    -------
    (256, 256) ndarray of float32
        -1024..600 HU as 0..1.
    (slice, slice)
        The box of the body.
    """
    clipped = np.clip(plane, LOW_HU, HIGH_HU).astype(plane.dtype)
    box = body_box(clipped)
    cut = clipped[box]
    resized = ndimage.zoom(cut, np.array([SIZE, SIZE]) / np.asarray(cut.shape), order=1)
    high = np.minimum(resized, HIGH_HU).astype(np.float64)
    return ((high - LOW_HU) / (HIGH_HU - LOW_HU)).astype(np.float32), box


def body_box(plane: NDArray[Any]) -> Box:
    """The box around the body, found on 128 x 128 pixels; the whole slice where there is none."""
    small = ndimage.zoom(plane, _BODY_SIZE / np.asarray(plane.shape), order=0)
    body = ndimage.binary_closing(small > _BODY_HU)
    # Holes that touch by a corner only are one: as published.
    body = ndimage.binary_fill_holes(body, structure=_EVERYWHERE)
    body = ndimage.binary_erosion(body, iterations=_ERODED)
    parts, count = ndimage.label(body)
    if count:
        sizes = np.bincount(parts.ravel())
        sizes[0] = 0
        body = ndimage.binary_dilation(parts == sizes.argmax(), iterations=_ERODED)
    factor = np.asarray(plane.shape) / _BODY_SIZE
    full = ndimage.zoom(body.astype(np.uint8), factor, order=0)
    found = ndimage.find_objects(ndimage.label(full, structure=_EVERYWHERE)[0])
    if not found:
        return slice(0, plane.shape[0]), slice(0, plane.shape[1])
    rows, columns = found[0]
    return rows, columns


def put_back(mask: NDArray[np.uint8], box: Box, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """A mask of 256 x 256 in its box of a slice; zero elsewhere."""
    out = np.zeros(shape, dtype=np.uint8)
    size = [b.stop - b.start for b in box]
    out[box] = ndimage.zoom(mask, size / np.asarray(mask.shape), order=0)
    return out
