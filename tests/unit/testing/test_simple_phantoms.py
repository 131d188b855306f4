"""Marker, ball and ramp have the geometry their formulas give."""

from __future__ import annotations

import numpy as np
import pytest

from medview.testing.phantoms import axial_grid, ball_phantom, marker_phantom, ramp_phantom


def test_the_long_bar_of_the_marker_points_left() -> None:
    volume = marker_phantom()
    for lps, value in (
        ((40, 0, 0), 1000),
        ((0, 25, 0), 600),
        ((0, 0, 12), 300),
        ((-9, 0, 0), -1000),
    ):
        k, j, i = np.rint(volume.grid.to_index(lps)).astype(int)
        assert volume.array[k, j, i] == value


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (3.0, 1.0, 2.0)])
def test_a_ball_has_its_volume_despite_partial_voxels(spacing: tuple[float, float, float]) -> None:
    grid = axial_grid((60, 60, 60), spacing)
    volume = ball_phantom(grid, radius_mm=20.0, inside=1000.0, outside=0.0)
    measured = volume.array.astype(float).sum() / 1000 * grid.voxel_volume_mm3
    assert measured == pytest.approx(4 / 3 * np.pi * 20**3, rel=0.01)


def test_a_ramp_tells_where_a_voxel_lies() -> None:
    volume = ramp_phantom(gradient=(1.0, 0.0, 0.0))
    assert volume.array[3, 5, 7] == pytest.approx(volume.grid.to_lps((3, 5, 7))[0])
