"""A volume thinned out for display, by averaging whole blocks of voxels in slabs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medview.core.geometry.grid import Grid


def display_factors(grid: Grid, budget: int, axis_limit: int) -> tuple[int, int, int]:
    """How many voxels to merge along k, j, i so that the volume fits.

    The axis with the finest spacing is merged first, so that voxels become more alike.

    Parameters
    ----------
    grid : Grid
    budget : int
        Most voxels of the result.
    axis_limit : int
        Most samples along one axis.
    """
    factors = np.ones(3, dtype=int)
    shape, spacing = np.asarray(grid.shape), np.asarray(grid.spacing_mm)
    while True:
        reduced = -(-shape // factors)
        if (reduced > axis_limit).any():
            factors[int(np.argmax(reduced))] += 1
        elif int(np.prod(reduced)) > budget:
            movable = np.where(reduced > 1, spacing * factors, np.inf)
            factors[int(np.argmin(movable))] += 1
        else:
            return int(factors[0]), int(factors[1]), int(factors[2])


def merged_grid(grid: Grid, factors: tuple[int, int, int]) -> Grid:
    """The grid of a volume whose voxels are merged; an incomplete last block is left out."""
    step = np.asarray(factors, dtype=float)
    matrix = np.array(grid.index_to_lps)
    matrix[:3, :3] = matrix[:3, :3] * step
    matrix[:3, 3] = grid.to_lps((step - 1) / 2)
    shape = tuple(max(1, n // f) for n, f in zip(grid.shape, factors, strict=True))
    return Grid((shape[0], shape[1], shape[2]), matrix, grid.frame_of_reference)


def merged_array(array: NDArray[np.generic], factors: tuple[int, int, int]) -> NDArray[np.generic]:
    """Mean of whole blocks, one output slice at a time; the dtype stays.

    Parameters
    ----------
    array : (k, j, i) ndarray
    factors : (int, int, int)
        Block size along k, j, i.
    """
    if factors == (1, 1, 1):
        return array
    fk, fj, fi = factors
    k, j, i = (max(1, n // f) for n, f in zip(array.shape, factors, strict=True))
    out = np.empty((k, j, i), dtype=array.dtype)
    whole = array.dtype.kind in "iu"
    for at in range(k):
        slab = array[at * fk : at * fk + fk, : j * fj, : i * fi]
        total = np.zeros((j * fj, i * fi), dtype=np.float32)
        for part in slab:
            total += part
        rows = total[0::fj].copy()
        for step in range(1, fj):
            rows += total[step::fj]
        cells = rows[:, 0::fi].copy()
        for step in range(1, fi):
            cells += rows[:, step::fi]
        cells /= np.float32(slab.shape[0] * fj * fi)
        out[at] = np.rint(cells) if whole else cells
    return out
