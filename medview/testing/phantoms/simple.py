"""Phantoms whose truth is a formula: a lopsided marker, a ball and a ramp."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.geometry.grid import Grid
from medview.testing.phantoms.grids import axial_grid
from medview.testing.phantoms.painter import Canvas
from medview.testing.phantoms.solids import Point, ball, box


def marker_phantom(grid: Grid | None = None) -> Volume:
    """Three bars of different length and value that meet at the LPS origin.

    1000 along +x (Left) to 45 mm, 600 along +y (Posterior) to 30 mm, 300 along
    +z (Superior) to 15 mm, each 10 mm thick, in -1000: no flip or permutation
    maps it onto itself.
    """
    grid = _small() if grid is None else grid
    canvas = Canvas(grid)
    canvas.paint(box((0.0, 0.0, 7.5), (5.0, 5.0, 7.5)), 300.0)
    canvas.paint(box((0.0, 15.0, 0.0), (5.0, 15.0, 5.0)), 600.0)
    canvas.paint(box((22.5, 0.0, 0.0), (22.5, 5.0, 5.0)), 1000.0)
    return _volume(np.rint(canvas.hu).astype(np.int16), grid, Intensity.HOUNSFIELD)


def ball_phantom(
    grid: Grid | None = None,
    *,
    centre_lps_mm: Point = (0.0, 0.0, 0.0),
    radius_mm: float = 20.0,
    inside: float = 100.0,
    outside: float = -1000.0,
) -> Volume:
    """A ball of known place and radius; int16 Hounsfield values."""
    grid = _small() if grid is None else grid
    canvas = Canvas(grid, background_hu=outside)
    canvas.paint(ball(centre_lps_mm, radius_mm), inside)
    return _volume(np.rint(canvas.hu).astype(np.int16), grid, Intensity.HOUNSFIELD)


def ramp_phantom(
    grid: Grid | None = None, *, gradient: Point = (1.0, 2.0, 4.0), offset: float = 0.0
) -> Volume:
    """Float32 values ``offset + gradient . lps``: linear interpolation of it is exact."""
    grid = _small() if grid is None else grid
    plane = np.stack(np.meshgrid(*(np.arange(n) for n in grid.shape[1:]), indexing="ij"), -1)
    out = np.empty(grid.shape, dtype=np.float32)
    for k in range(grid.shape[0]):
        index = np.concatenate([np.full((*plane.shape[:2], 1), k), plane], axis=-1)
        out[k] = grid.to_lps(index) @ np.asarray(gradient) + offset
    return _volume(out, grid, Intensity.ARBITRARY)


def _small() -> Grid:
    return axial_grid((40, 64, 64), (2.0, 1.5, 1.5), (10.0, 5.0, 0.0))


def _volume(array: NDArray[np.generic], grid: Grid, intensity: Intensity) -> Volume:
    modality = "CT" if intensity.is_hounsfield else None
    info = SourceInfo("volume", modality=modality, intensity=intensity).on_grid(grid)
    return Volume(array, grid, info)
