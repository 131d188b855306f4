"""Volumes and densities of the labelled lungs, in slabs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview.api import Volume
from medview_lung_segmentation.classical.morphology import Tick
from medview_lung_segmentation.classical.working import clean

LOW_ATTENUATION_HU = -950.0


@dataclass(frozen=True, slots=True)
class LungNumbers:
    """Numbers of one label; `mean_hu` and `low_percent` are None where it is empty."""

    ml: float
    mean_hu: float | None
    low_percent: float | None


def measure(
    source: Volume, labels: NDArray[np.uint8], values: tuple[int, ...], tick: Tick
) -> dict[int, LungNumbers]:
    """Volume, mean and share below -950 HU of each label value."""
    top = max(values) + 1
    count, total, low = (np.zeros(top) for _ in range(3))
    for k, plane in enumerate(labels):
        if k % 16 == 0:
            tick()
        if not plane.any():
            continue
        flat = np.minimum(plane, top - 1).ravel()
        hu = clean(source.array[k]).ravel()
        count += np.bincount(flat, minlength=top)
        total += np.bincount(flat, weights=hu, minlength=top)
        low += np.bincount(flat, weights=hu < LOW_ATTENUATION_HU, minlength=top)
    voxel_ml = source.grid.voxel_volume_mm3 / 1000
    return {
        v: LungNumbers(
            float(count[v]) * voxel_ml,
            float(total[v] / count[v]) if count[v] else None,
            float(100 * low[v] / count[v]) if count[v] else None,
        )
        for v in values
    }
