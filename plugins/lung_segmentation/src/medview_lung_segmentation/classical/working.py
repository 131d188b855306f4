"""The working grid: means over whole voxels, about 2 mm wide where the volume is finer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview.api import Volume
from medview_lung_segmentation.classical.morphology import Spacing, Tick

AIR_HU = -1024.0
_TARGET_MM = 2.0
_SLAB_VOXELS = 4_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Working:
    """Hounsfield values on the working grid.

    Attributes
    ----------
    hu : (k, j, i) ndarray of float32
        Within -1024..3071; padding and values that are no numbers are air.
    spacing_mm : (k, j, i)
    factors : (int, int, int)
        Voxels of the source per working voxel along each axis.
    """

    hu: NDArray[np.float32]
    spacing_mm: Spacing
    factors: tuple[int, int, int]

    @property
    def voxel_ml(self) -> float:
        """Volume of a working voxel."""
        return float(np.prod(self.spacing_mm)) / 1000


def reduce(source: Volume, tick: Tick) -> Working:
    """Average blocks of voxels; the last block repeats the edge where voxels are missing."""
    factors = tuple(max(1, int(_TARGET_MM / s + 0.05)) for s in source.grid.spacing_mm)
    fk, fj, fi = factors
    shape = tuple(-(-n // f) for n, f in zip(source.array.shape, factors, strict=True))
    hu = np.empty(shape, dtype=np.float32)
    step = max(1, _SLAB_VOXELS // int(np.prod(source.array.shape[1:])) // fk)
    for start in range(0, shape[0], step):
        tick()
        stop = min(start + step, shape[0])
        block = clean(source.array[start * fk : stop * fk])
        widths = [
            (0, n * f - have)
            for n, f, have in zip((stop - start, *shape[1:]), factors, block.shape, strict=True)
        ]
        if any(w for _, w in widths):
            block = np.pad(block, widths, mode="edge")
        n = stop - start
        parts = block.reshape(n, fk, shape[1], fj, shape[2], fi)
        hu[start:stop] = parts.mean(axis=(1, 3, 5), dtype=np.float32)
    spacing = tuple(float(s * f) for s, f in zip(source.grid.spacing_mm, factors, strict=True))
    return Working(hu, (spacing[0], spacing[1], spacing[2]), (fk, fj, fi))


def clean(values: NDArray[np.generic]) -> NDArray[np.float32]:
    """Values as float32 with padding (-2000, -3024 ...) and NaN turned into air."""
    hu = values.astype(np.float32)
    if values.dtype.kind == "f":
        np.nan_to_num(hu, copy=False, nan=AIR_HU, posinf=3071.0, neginf=AIR_HU)
    return np.asarray(np.clip(hu, AIR_HU, 3071.0, out=hu))
