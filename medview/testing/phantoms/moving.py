"""A ball that moves from time point to time point along a formula."""

from __future__ import annotations

from pathlib import Path

from medview.core.geometry.grid import Grid
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms.grids import axial_grid
from medview.testing.phantoms.simple import ball_phantom
from medview.testing.phantoms.solids import Point

RADIUS_MM = 8.0
STEP_MM = 12.0


def moving_grid() -> Grid:
    """A small axial grid that holds the ball at all times."""
    return axial_grid((20, 48, 64), (3.0, 2.0, 2.0), (0.0, 0.0, 0.0))


def centre_at(time: int) -> Point:
    """Where the ball's middle is, in LPS mm: it goes to the Left by 12 mm each time."""
    return -36.0 + STEP_MM * time, 4.0, 3.0


def write_moving_ball(folder: Path, times: int = 6, *, header: SeriesHeader | None = None) -> None:
    """Write the ball at each time as one 4D CT series; the ball is 100 HU in -1000 HU."""
    header = header or SeriesHeader(seed="moving ball", series_description="Moving ball")
    for time in range(times):
        volume = ball_phantom(moving_grid(), centre_lps_mm=centre_at(time), radius_mm=RADIUS_MM)
        write_dicom_series(volume, folder, header=header, time=time)
