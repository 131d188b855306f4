"""What lies under a pixel: the voxel, its value and the labels there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from medview.core.data.volume import Volume
from medview.core.findings.labelmap import Label, LabelMap
from medview.core.geometry.grid import Grid


@dataclass(frozen=True, slots=True)
class Probe:
    """The voxel under a point.

    Attributes
    ----------
    lps_mm : (x, y, z)
        The point itself.
    index : (k, j, i)
        The voxel that holds it.
    value : float or int
        Its value, never interpolated.
    """

    lps_mm: tuple[float, float, float]
    index: tuple[int, int, int]
    value: float | int


def voxel_at(grid: Grid, lps_mm: ArrayLike) -> tuple[int, int, int] | None:
    """The (k, j, i) of the voxel that holds an LPS point; None outside the grid."""
    index = np.floor(grid.to_index(lps_mm) + 0.5).astype(int)
    if (index < 0).any() or (index >= np.asarray(grid.shape)).any():
        return None
    return int(index[0]), int(index[1]), int(index[2])


def probe(volume: Volume, lps_mm: ArrayLike) -> Probe | None:
    """The voxel of a volume that holds an LPS point; None outside."""
    index = voxel_at(volume.grid, lps_mm)
    if index is None:
        return None
    x, y, z = (float(v) for v in np.asarray(lps_mm, dtype=float))
    return Probe((x, y, z), index, volume.array[index].item())


def label_at(labelmap: LabelMap, source: Grid, lps_mm: ArrayLike) -> Label | None:
    """The label that holds an LPS point; None on background and outside."""
    index = voxel_at(labelmap.grid or source, lps_mm)
    if index is None:
        return None
    value = int(labelmap.array[index])
    return next((label for label in labelmap.labels if label.value == value), None)
