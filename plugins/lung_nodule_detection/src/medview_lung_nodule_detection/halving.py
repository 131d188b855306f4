"""Voxels twice as large, slice by slice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


def halved(array: Floats) -> Floats:
    """Mean over blocks of 2 x 2 x 2; an odd end repeats its last slice."""
    k, j, i = (-(-n // 2) for n in array.shape)
    out = np.empty((k, j, i), dtype=np.float32)
    for n in range(k):
        pair = array[2 * n : 2 * n + 2]
        pads = [(0, 0)] + [(0, size % 2) for size in pair.shape[1:]]
        pair = np.pad(pair, pads, mode="edge")
        out[n] = pair.reshape(len(pair), j, 2, i, 2).mean(axis=(0, 2, 4), dtype=np.float32)
    return out


def halved_mask(mask: Mask) -> Mask:
    """True where any voxel of a block of 2 x 2 x 2 is."""
    k, j, i = (-(-n // 2) for n in mask.shape)
    out = np.zeros((k, j, i), dtype=bool)
    for n in range(k):
        pair = mask[2 * n : 2 * n + 2].any(axis=0)
        pair = np.pad(pair, [(0, size % 2) for size in pair.shape])
        out[n] = pair.reshape(j, 2, i, 2).any(axis=(1, 3))
    return out
