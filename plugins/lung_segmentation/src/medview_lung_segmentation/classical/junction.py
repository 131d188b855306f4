"""The seam between lungs that touch: the densest way from the front to the back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medview_lung_segmentation.classical.morphology import Mask, Spacing, Tick

_BAND_MM = 45.0
_TISSUE_COST = 0.05
_AIR_HU = -300.0
_PULL, _STRONG_PULL = 0.004, 0.02
_STEP = 2
_STEP_COST = 0.02
_SMOOTH_MM = 8.0


def junction(
    lungs: Mask, hu: NDArray[np.float32], middle: float, spacing_mm: Spacing, tick: Tick
) -> NDArray[np.int64]:
    """Column of the seam in every row of every slice.

    Two thin pleural folds part the lungs even where they touch, and they are
    denser than lung. In each slice the cheapest path from the first row to the
    last is found by dynamic programming: air of the lungs is dear, tissue cheap.
    A second pass pulls every path towards those of its neighbours.

    Parameters
    ----------
    lungs : (k, j, i) ndarray of bool
        Air of the joined lungs.
    hu : (k, j, i) ndarray
    middle : float
        Column of the body's midline.
    spacing_mm : (k, j, i)
    tick : callable

    Returns
    -------
    (k, j) ndarray of int
        Columns up to and including it lie on the right.
    """
    reach = int(np.ceil(_BAND_MM / spacing_mm[2]))
    centre = round(middle)
    low = int(np.clip(centre - reach, 0, lungs.shape[2] - 1))
    high = int(np.clip(centre + reach + 1, low + 1, lungs.shape[2]))
    dear = np.clip((_AIR_HU - hu[:, :, low:high]) / 100, 0.3, 8.0)
    cost = np.where(lungs[:, :, low:high], dear, _TISSUE_COST).astype(np.float32)
    tick()
    prior = np.full(cost.shape[:2], middle - low)
    first = _cheapest(cost, prior, _PULL * spacing_mm[2], tick)
    smooth = ndimage.gaussian_filter(
        first.astype(np.float64),
        (_SMOOTH_MM / spacing_mm[0], _SMOOTH_MM / 2 / spacing_mm[1]),
        mode="nearest",
    )
    tick()
    return low + _cheapest(cost, smooth, _STRONG_PULL * spacing_mm[2], tick)


def _cheapest(
    cost: NDArray[np.float32], prior: NDArray[np.float64], pull: float, tick: Tick
) -> NDArray[np.int64]:
    """Path over the rows with the lowest sum, all slices at once; (k, j) columns."""
    slices, rows, columns = cost.shape
    i = np.arange(columns)
    total = np.zeros((slices, columns))
    came_from = np.zeros((slices, rows, columns), dtype=np.int8)
    for j in range(rows):
        if j % 16 == 0:
            tick()
        padded = np.pad(total, ((0, 0), (_STEP, _STEP)), constant_values=np.inf)
        offers = np.stack(
            [
                padded[:, _STEP + d : _STEP + d + columns] + _STEP_COST * abs(d)
                for d in range(-_STEP, _STEP + 1)
            ]
        )
        best = offers.argmin(axis=0)
        came_from[:, j] = best - _STEP
        total = offers.min(axis=0) + cost[:, j] + pull * np.abs(i - prior[:, j, None])
    path = np.empty((slices, rows), dtype=np.int64)
    every = np.arange(slices)
    path[:, -1] = total.argmin(axis=1)
    for j in range(rows - 1, 0, -1):
        path[:, j - 1] = path[:, j] + came_from[every, j, path[:, j]]
    return path
