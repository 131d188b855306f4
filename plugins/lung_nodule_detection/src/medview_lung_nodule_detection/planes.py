"""Cuts what the 2D network sees: axial, coronal and sagittal patches around a place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medview.api import Volume
from medview_lung_nodule_detection.patch_size import PATCH_PX
from medview_lung_nodule_detection.volume_crops import grey
from medview_lung_nodule_detection.working import Floats, clean

PIXEL_MM = 0.7
"""About the middle of the pixel sizes of the scans in LUNA16."""


def three_planes(source: Volume, place: NDArray[np.float64]) -> NDArray[np.uint8]:
    """(3, 50, 50) grey values of the planes through a continuous index of the source."""
    offset = (np.arange(PATCH_PX) - (PATCH_PX - 1) / 2) * PIXEL_MM
    down, right = np.meshgrid(offset, offset, indexing="ij")
    still = np.zeros_like(down)
    # Head up in the coronal and sagittal planes, as in the picture of a reader.
    planes = np.array([(still, down, right), (-down, still, right), (-down, right, still)])
    spacing = np.asarray(source.grid.spacing_mm)
    offsets = planes.swapaxes(0, 1) / spacing[:, None, None, None]
    return grey(sampled(source, place[:, None, None, None] + offsets))


def sampled(source: Volume, index: NDArray[np.float64]) -> Floats:
    """Values at (3, ...) continuous indices, linear between voxels; edges go on."""
    from scipy.ndimage import map_coordinates

    low = [max(0, int(np.floor(a.min())) - 1) for a in index]
    low = [min(a, n - 1) for a, n in zip(low, source.array.shape, strict=True)]
    high = [max(b + 1, int(np.ceil(a.max())) + 2) for a, b in zip(index, low, strict=True)]
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    block = clean(source.array[box])
    shift = np.asarray(low, dtype=np.float64).reshape(3, *([1] * (index.ndim - 1)))
    values = map_coordinates(block, index - shift, order=1, mode="nearest", output=np.float32)
    return np.asarray(values, dtype=np.float32)
