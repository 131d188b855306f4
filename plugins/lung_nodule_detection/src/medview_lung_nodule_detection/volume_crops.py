"""Cuts what the 3D network sees: 24 voxels of 1 mm, and 24 of 2 mm, around a place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medview_lung_nodule_detection.patch_size import HIGH_HU, LOW_HU

CROP = 24
Floats = NDArray[np.float32]


def volume_crops(hu: Floats, half: Floats, places: NDArray[np.float64]) -> NDArray[np.uint8]:
    """(n, 2, 24, 24, 24) grey values 0..255 for HU -1000..400.

    Parameters
    ----------
    hu : (k, j, i) ndarray of float32
        Voxels of 1 mm.
    half : (k, j, i) ndarray of float32
        The same, halved.
    places : (n, 3) ndarray
        Indices into `hu`; beyond an edge the edge goes on.
    """
    out = np.empty((len(places), 2, CROP, CROP, CROP), dtype=np.uint8)
    for n, place in enumerate(places):
        for channel, (array, at) in enumerate(((hu, place), (half, (place - 0.5) / 2))):
            start = np.rint(at).astype(np.intp) - CROP // 2
            index = [
                np.clip(np.arange(s, s + CROP), 0, size - 1)
                for s, size in zip(start, array.shape, strict=True)
            ]
            out[n, channel] = grey(array[np.ix_(*index)])
    return out


def grey(hu: Floats) -> NDArray[np.uint8]:
    """HU -1000..400 as 0..255."""
    share = (np.clip(hu, LOW_HU, HIGH_HU) - LOW_HU) / (HIGH_HU - LOW_HU)
    return np.asarray(np.rint(share * 255), dtype=np.uint8)
