"""Analytic phantoms written as DICOM: Hounsfield units, millimetres, left and right are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from medview.core.data.volume import Volume
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.io.load import load
from medview.io.scan import scan
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms.simple import ball_phantom, marker_phantom
from tests.unit.io.series import AXIAL, CORONAL, FRAME, SAGITTAL, rotation

TURN = rotation((20, -15, 35))
SHEAR_DEG = 18.0
BARS = {
    # The bar's value, its direction in LPS and its length.
    1000: ((1.0, 0.0, 0.0), 45.0),
    600: ((0.0, 1.0, 0.0), 30.0),
    300: ((0.0, 0.0, 1.0), 15.0),
}
CENTRE = (8.0, 6.0, 2.0)


def around(
    directions: NDArray[np.float64],
    spacing: tuple[float, float, float],
    size_mm: tuple[float, float, float] = (90.0, 110.0, 116.0),
) -> Grid:
    shape = tuple(round(mm / step) for mm, step in zip(size_mm, spacing, strict=True))
    half = (np.asarray(shape) - 1) / 2 * np.asarray(spacing)
    return Grid(shape, compose(CENTRE - directions @ half, directions, spacing), FRAME)  # type: ignore[arg-type]


def leaning(grid: Grid) -> Grid:
    """Slices that keep their rows and columns and are piled at a slant, as a tilted gantry does."""
    matrix = grid.index_to_lps.copy()
    lean = np.tan(np.deg2rad(SHEAR_DEG)) * grid.spacing_mm[0] * grid.directions[:, 1]
    matrix[:3, 0] += lean
    matrix[:3, 3] -= lean * (grid.shape[0] - 1) / 2
    return Grid(grid.shape, matrix, grid.frame_of_reference)


EVEN = (3.0, 3.0, 3.0)
GRIDS = {
    "axial": around(AXIAL, EVEN),
    "sagittal": around(SAGITTAL, EVEN, (116.0, 90.0, 110.0)),
    "coronal": around(CORONAL, EVEN, (110.0, 90.0, 116.0)),
    "oblique": around(TURN @ AXIAL, EVEN, (120.0, 130.0, 130.0)),
    "anisotropic": around(AXIAL, (5.0, 1.5, 1.5)),
    "non-square": around(AXIAL, (4.0, 2.8, 1.1)),
    "tilted": leaning(around(AXIAL, (4.0, 1.5, 1.5))),
    "left-handed": around(AXIAL * (1, 1, -1), EVEN),
    "feet first": around(AXIAL * (-1, 1, -1), EVEN),
    "oblique and non-square": around(TURN @ SAGITTAL, (4.0, 1.2, 2.4), (126.0, 126.0, 126.0)),
}


def through_dicom(folder: Path, phantom: Volume, header: SeriesHeader) -> Volume:
    """Written under names that say nothing of their order, and opened again."""
    paths = write_dicom_series(phantom, folder, header=header, shuffle=True)
    assert [p.name for p in paths] != sorted(p.name for p in paths)
    (entry,) = scan([folder]).entries
    volume = load(entry)
    assert isinstance(volume, Volume)
    return volume


def value_at(volume: Volume, lps: NDArray[np.float64]) -> float:
    k, j, i = np.rint(volume.grid.to_index(lps)).astype(int)
    return float(volume.array[k, j, i])


def reach(volume: Volume, direction: NDArray[np.float64], length: float, above: float) -> float:
    """How many millimetres from the origin along a line values stay above a limit."""
    steps = np.arange(0.0, length + 12.0, 0.25)
    inside = [value_at(volume, direction * s) > above for s in steps]
    return float(steps[inside.index(False)])


@pytest.mark.parametrize("name", GRIDS)
def test_a_lopsided_marker_keeps_its_values_lengths_and_sides(tmp_path: Path, name: str) -> None:
    grid = GRIDS[name]
    volume = through_dicom(tmp_path, marker_phantom(grid), SeriesHeader(seed=name))
    assert volume.intensity.is_hounsfield
    for value, (towards, length) in BARS.items():
        direction = np.asarray(towards)
        middle = 0.66 * length
        assert value_at(volume, direction * middle) == pytest.approx(value, abs=2), (name, value)
        # On the other side of the origin there is air: neither mirrored nor turned.
        assert value_at(volume, -direction * middle) == pytest.approx(-1000, abs=2)
        voxel = float(np.abs(volume.grid.directions.T @ direction) @ volume.grid.spacing_mm)
        assert reach(volume, direction, length, (value - 1000) / 2) == pytest.approx(
            length, abs=voxel
        )


@pytest.mark.parametrize("slope", [1.0, -1.0, -0.5])
@pytest.mark.parametrize("name", ["axial", "oblique", "non-square"])
def test_every_slope_gives_the_same_hounsfield_units(
    tmp_path: Path, name: str, slope: float
) -> None:
    phantom = marker_phantom(GRIDS[name])
    header = SeriesHeader(seed=name, slope=slope, intercept=-1024.0 if slope > 0 else 3000.0)
    volume = through_dicom(tmp_path, phantom, header)
    assert volume.intensity.is_hounsfield
    at = phantom.grid.to_lps(np.argwhere(phantom.array > -1000))
    ours = np.rint(volume.grid.to_index(at)).astype(int)
    np.testing.assert_array_equal(volume.array[tuple(ours.T)], phantom.array[phantom.array > -1000])


@pytest.mark.parametrize("name", GRIDS)
def test_a_ball_keeps_its_millilitres_and_its_place(tmp_path: Path, name: str) -> None:
    centre, radius = np.array([12.0, -4.0, 6.0]), 16.0
    phantom = ball_phantom(GRIDS[name], centre_lps_mm=tuple(centre), radius_mm=radius)
    volume = through_dicom(tmp_path, phantom, SeriesHeader(seed=name))
    # Cut slices through its edge hold a share of it, so shares are added up, not voxels.
    share = (volume.array.astype(np.float64) + 1000.0) / 1100.0
    voxel_ml = abs(np.linalg.det(volume.grid.index_to_lps[:3, :3])) / 1000.0
    assert share.sum() * voxel_ml == pytest.approx(4 / 3 * np.pi * radius**3 / 1000.0, rel=0.02)
    weights = share / share.sum()
    mean = [float((np.indices(share.shape)[axis] * weights).sum()) for axis in range(3)]
    np.testing.assert_allclose(volume.grid.to_lps(mean), centre, atol=0.3)


def test_the_tilted_phantom_is_set_upright_and_says_so(tmp_path: Path) -> None:
    write_dicom_series(marker_phantom(GRIDS["tilted"]), tmp_path)
    (entry,) = scan([tmp_path]).entries
    assert [r.code for r in entry.series.repairs] == ["gantry-tilt-corrected"]
    assert f"{SHEAR_DEG:.1f} degrees" in entry.series.repairs[0].message
    directions = load(entry).grid.directions  # type: ignore[union-attr]
    np.testing.assert_allclose(directions.T @ directions, np.eye(3), atol=1e-9)
