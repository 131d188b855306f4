"""The working copy: the lungs of the source on a grid of 1 mm, and who is where on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview.api import Volume

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Tick = Callable[[], None]

AIR_HU, BONE_HU = -1024.0, 3071.0
MARGIN_MM = 20.0


@dataclass(frozen=True, eq=False, slots=True)
class Working:
    """A block of the source around the lungs, resampled to voxels of 1 mm.

    Attributes
    ----------
    hu : (k, j, i) ndarray of float32
    lungs : (k, j, i) ndarray of uint8
        1 right, 2 left, 0 elsewhere.
    start_mm : (k, j, i)
        Where voxel (0, 0, 0) lies, in millimetres along the source's axes
        from the centre of its first voxel.
    source_spacing_mm : (k, j, i)
    """

    hu: Floats
    lungs: NDArray[np.uint8]
    start_mm: tuple[float, float, float]
    source_spacing_mm: tuple[float, float, float]

    def to_source(self, index: NDArray[np.float64]) -> NDArray[np.float64]:
        """(..., 3) working indices to continuous indices of the source."""
        place = np.asarray(index) + np.asarray(self.start_mm)
        return np.asarray(place / np.asarray(self.source_spacing_mm))

    def from_source(self, index: NDArray[np.float64]) -> NDArray[np.float64]:
        """(..., 3) continuous indices of the source to working indices."""
        place = np.asarray(index) * np.asarray(self.source_spacing_mm)
        return np.asarray(place - np.asarray(self.start_mm))


def clean(values: NDArray[np.generic]) -> Floats:
    """Values as float32 with padding, NaN and metal limited to -1024..3071."""
    hu = values.astype(np.float32)
    if values.dtype.kind == "f":
        np.nan_to_num(hu, copy=False, nan=AIR_HU, posinf=BONE_HU, neginf=AIR_HU)
    return np.asarray(np.clip(hu, AIR_HU, BONE_HU, out=hu))


def working_copy(source: Volume, lungs: NDArray[np.uint8], tick: Tick) -> Working | None:
    """Resample the lungs and 20 mm around them; None where there is no lung.

    Coarser axes are interpolated linearly; finer ones are averaged with a
    triangle as wide as the new voxel, so that noise does not alias.
    """
    spacing = source.grid.spacing_mm
    box = _box(lungs, spacing, tick)
    if box is None:
        return None
    lows = [b.start * s for b, s in zip(box, spacing, strict=True)]
    counts = [
        max(1, int((b.stop - 1) * s - low + 1e-6) + 1)
        for b, s, low in zip(box, spacing, lows, strict=True)
    ]
    wk, wj, wi = (
        _weights(n, b.stop - b.start, s) for n, b, s in zip(counts, box, spacing, strict=True)
    )
    nearest = [
        np.minimum(np.floor(np.arange(n) / s + 0.5).astype(np.intp) + b.start, b.stop - 1)
        for n, b, s in zip(counts, box, spacing, strict=True)
    ]
    hu = np.zeros(counts, dtype=np.float32)
    for k in range(box[0].start, box[0].stop):
        tick()
        plane = wj @ clean(source.array[k, box[1], box[2]]) @ wi.T
        for to in np.flatnonzero(wk[:, k - box[0].start]):
            hu[to] += wk[to, k - box[0].start] * plane
    where = np.empty(counts, dtype=np.uint8)
    for n, k in enumerate(nearest[0].tolist()):
        where[n] = lungs[k][np.ix_(nearest[1], nearest[2])]
    return Working(hu, where, (lows[0], lows[1], lows[2]), spacing)


def _box(
    mask: NDArray[np.uint8], spacing: tuple[float, float, float], tick: Tick
) -> tuple[slice, slice, slice] | None:
    rows = np.zeros(mask.shape[1], dtype=bool)
    columns = np.zeros(mask.shape[2], dtype=bool)
    slices = np.zeros(mask.shape[0], dtype=bool)
    for k, plane in enumerate(mask):
        tick()
        rows |= plane.any(axis=1)
        columns |= plane.any(axis=0)
        slices[k] = plane.any()
    box = []
    for hit, s, n in zip((slices, rows, columns), spacing, mask.shape, strict=True):
        at = np.flatnonzero(hit)
        if at.size == 0:
            return None
        margin = int(np.ceil(MARGIN_MM / s))
        box.append(slice(max(0, int(at[0]) - margin), min(n, int(at[-1]) + 1 + margin)))
    return box[0], box[1], box[2]


def _weights(count: int, have: int, spacing: float) -> Floats:
    """(count, have): share of each source sample in each sample of 1 mm."""
    at = np.arange(count)[:, None] / spacing
    reach = max(1.0, 1.0 / spacing)
    share = np.clip(1 - np.abs(at - np.arange(have)[None]) / reach, 0, None)
    return np.asarray(share / share.sum(axis=1, keepdims=True), dtype=np.float32)
