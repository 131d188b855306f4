"""Axis-aligned boxes in patient space and in index space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import GeometryError
from medview.core.geometry.grid import Grid

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class BoxLps:
    """A box with edges along the patient axes.

    Attributes
    ----------
    centre_lps_mm : (x, y, z)
    size_mm : (x, y, z)
        Full edge lengths.
    """

    centre_lps_mm: Triple
    size_mm: Triple

    def __post_init__(self) -> None:
        values = (*self.centre_lps_mm, *self.size_mm)
        if not np.isfinite(values).all() or min(self.size_mm) < 0:
            raise GeometryError("A box needs a finite centre and sizes of zero or more.")

    @property
    def corners(self) -> NDArray[np.float64]:
        """(2, 3): smallest and largest LPS corner."""
        centre, half = np.asarray(self.centre_lps_mm), np.asarray(self.size_mm) / 2
        return np.stack([centre - half, centre + half])

    def contains(self, lps_mm: NDArray[np.float64]) -> bool:
        """Whether an LPS point lies inside or on the box."""
        low, high = self.corners
        return bool((lps_mm >= low).all() and (lps_mm <= high).all())


def box_around_index(grid: Grid, start: Triple, stop: Triple) -> BoxLps:
    """The LPS box around the voxels ``start <= (k, j, i) < stop``, voxel edges included."""
    edges = [(a - 0.5, b - 0.5) for a, b in zip(start, stop, strict=True)]
    corners = grid.to_lps(np.stack(np.meshgrid(*edges, indexing="ij"), -1).reshape(-1, 3))
    low, high = corners.min(axis=0), corners.max(axis=0)
    centre, size = (low + high) / 2, high - low
    return BoxLps(
        (float(centre[0]), float(centre[1]), float(centre[2])),
        (float(size[0]), float(size[1]), float(size[2])),
    )
