"""`Canvas`: paint analytic solids onto any grid, block by block, with soft edges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.geometry.grid import Grid

Floats = NDArray[np.floating[Any]]
"""Coordinates, distances or values; float32 wherever there are many."""

Distance = Callable[[Floats, Floats, Floats], Floats]
"""Maps broadcastable LPS coordinates x, y, z to a signed distance in mm, negative inside."""

Bounds = tuple[tuple[float, float, float], tuple[float, float, float]]
"""Smallest and largest LPS corner of a solid."""

_BLOCK_VOXELS = 1 << 19


@dataclass(frozen=True, slots=True)
class Solid:
    """A body in patient space.

    Attributes
    ----------
    distance : callable
        Signed distance in mm, negative inside; near the surface is enough.
    bounds : (low, high)
        LPS corners of a box that holds the whole solid.
    """

    distance: Distance
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Painted:
    """A solid, or several that make up one body, and the Hounsfield value that fills it."""

    solid: Solid | tuple[Solid, ...]
    hu: float


def coordinates(
    grid: Grid, start: tuple[int, int, int], stop: tuple[int, int, int]
) -> tuple[Floats, Floats, Floats]:
    """LPS coordinates of a block of voxel centres, as arrays that broadcast to the block.

    An axis along which a coordinate does not change keeps length 1, which
    makes axis-aligned grids several times cheaper than oblique ones.
    """
    matrix = grid.index_to_lps
    index = [np.arange(a, b, dtype=np.float64) for a, b in zip(start, stop, strict=True)]
    shapes = [(-1, 1, 1), (1, -1, 1), (1, 1, -1)]
    out = []
    for row in range(3):
        total = np.full((1, 1, 1), matrix[row, 3])
        for axis in range(3):
            if abs(matrix[row, axis]) > 1e-12:
                total = total + (matrix[row, axis] * index[axis]).reshape(shapes[axis])
        out.append(total.astype(np.float32))
    return out[0], out[1], out[2]


class Canvas:
    """Hounsfield values on a grid, painted solid by solid.

    Parameters
    ----------
    grid : Grid
        Where to sample.
    background_hu : float
    scale : float
        Solids are given for a person of standard size and painted this much larger.
    """

    def __init__(self, grid: Grid, background_hu: float = -1000.0, scale: float = 1.0) -> None:
        self.grid = grid
        self.hu: Floats = np.full(grid.shape, background_hu, dtype=np.float32)
        self._scale = scale
        self._softness = float(np.mean(grid.spacing_mm)) / scale

    def paint(self, solid: Solid, hu: float | Callable[[Floats, Floats, Floats], Floats]) -> None:
        """Fill a solid; voxels on its edge get the share of both sides.

        Parameters
        ----------
        solid : Solid
        hu : float or callable
            A value, or a function of LPS coordinates.
        """
        for block, x, y, z in self._blocks(solid.bounds):
            cover = np.clip(0.5 - solid.distance(x, y, z) / np.float32(self._softness), 0, 1)
            value = hu(x, y, z) if callable(hu) else np.float32(hu)
            target = self.hu[block]
            target += cover * (value - target)

    def paint_part(self, part: Painted) -> None:
        """Fill a body of one or several solids."""
        if isinstance(part.solid, Solid):
            self.paint(part.solid, part.hu)
        else:
            self.paint_union(part.solid, part.hu)

    def paint_union(self, solids: Sequence[Solid], hu: float) -> None:
        """Fill bodies that overlap as if they were one: edges are softened once."""
        corners = np.array([solid.bounds for solid in solids])
        low, high = corners[:, 0].min(axis=0), corners[:, 1].max(axis=0)
        start, stop = self._index_box((_triple(low), _triple(high)))
        if (start >= stop).any():
            return
        cover = np.zeros(tuple(stop - start), dtype=np.float32)
        for solid in solids:
            for block, x, y, z in self._blocks(solid.bounds):
                inner = tuple(
                    slice(s.start - a, s.stop - a) for s, a in zip(block, start, strict=True)
                )
                share = np.clip(0.5 - solid.distance(x, y, z) / np.float32(self._softness), 0, 1)
                np.maximum(cover[inner], share, out=cover[inner])
        target = self.hu[tuple(slice(a, b) for a, b in zip(start, stop, strict=True))]
        target += cover * (np.float32(hu) - target)

    def mark(self, labels: NDArray[np.uint8], solid: Solid, value: int, *, where: int) -> None:
        """Set voxels whose centre lies inside `solid` from label `where` to `value`."""
        for block, x, y, z in self._blocks(solid.bounds):
            target = labels[block]
            target[(solid.distance(x, y, z) < 0) & (target == where)] = value

    def _blocks(
        self, bounds: Bounds
    ) -> Iterator[tuple[tuple[slice, slice, slice], Floats, Floats, Floats]]:
        start, stop = self._index_box(bounds)
        if (start >= stop).any():
            return
        plane = int(np.prod(stop[1:] - start[1:]))
        step = max(1, _BLOCK_VOXELS // plane)
        for k in range(int(start[0]), int(stop[0]), step):
            end = min(k + step, int(stop[0]))
            first, last = (k, int(start[1]), int(start[2])), (end, int(stop[1]), int(stop[2]))
            x, y, z = (c / np.float32(self._scale) for c in coordinates(self.grid, first, last))
            block = tuple(slice(a, b) for a, b in zip(first, last, strict=True))
            yield (block[0], block[1], block[2]), x, y, z

    def _index_box(self, bounds: Bounds) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        low, high = (np.asarray(b) * self._scale for b in bounds)
        corners = np.stack(np.meshgrid(*zip(low, high, strict=True), indexing="ij"), -1)
        index = self.grid.to_index(corners.reshape(-1, 3))
        # One voxel more on each side holds the soft edge.
        start = np.maximum(np.floor(index.min(axis=0)) - 1, 0).astype(np.intp)
        stop = np.minimum(np.ceil(index.max(axis=0)) + 2, self.grid.shape).astype(np.intp)
        return start, stop


def _triple(values: NDArray[np.floating[Any]]) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in values)
    return x, y, z
