"""Every voxel lies where its header says, whatever the acquisition."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medview.core.geometry.grid import same_sampling
from medview.core.geometry.orient import orientation_of
from medview.io.load import load
from medview.io.scan import scan
from medview.testing.dicom_writer import Syntax
from tests.unit.io.series import (
    AXIAL,
    CORONAL,
    FRAME,
    SAGITTAL,
    assert_field,
    edit,
    field,
    load_volume,
    make_grid,
    rotation,
    scan_one,
    write_field,
)


@pytest.mark.parametrize(
    ("directions", "plane"),
    [
        (AXIAL, "axial"),
        (SAGITTAL, "sagittal"),
        (CORONAL, "coronal"),
        (rotation((25, -30, 40)) @ AXIAL, "oblique"),
    ],
    ids=["axial", "sagittal", "coronal", "oblique"],
)
def test_every_acquisition_plane_keeps_its_voxels_in_place(
    tmp_path: Path, directions: np.ndarray, plane: str
) -> None:
    grid = make_grid(directions=directions)
    write_field(tmp_path, grid)
    volume = load_volume(tmp_path)
    assert_field(volume)
    assert orientation_of(volume.grid) == plane
    assert volume.grid.frame_of_reference == FRAME
    assert volume.spacing_mm == pytest.approx((2.0, 1.5, 0.75))
    assert not volume.info.marks


def test_a_right_handed_series_keeps_its_grid_and_its_values_to_the_last_bit(
    tmp_path: Path,
) -> None:
    grid = make_grid()
    write_field(tmp_path, grid)
    volume = load_volume(tmp_path)
    assert same_sampling(volume.grid, grid, 1e-6)
    assert volume.array.dtype == np.int16
    np.testing.assert_array_equal(volume.array, field(grid))


@pytest.mark.parametrize("flip", [(1, 1, -1), (1, -1, 1), (-1, -1, -1), (-1, 1, 1)])
def test_a_flipped_series_keeps_right_on_the_right(
    tmp_path: Path, flip: tuple[int, int, int]
) -> None:
    write_field(tmp_path, make_grid(directions=AXIAL * np.array(flip)))
    volume = load_volume(tmp_path)
    assert_field(volume)
    right, left = (volume.grid.to_index((x, 20.0, 45.0)) for x in (-15.0, -13.0))
    direction = volume.grid.directions[0, 2]
    assert (left - right)[2] * direction > 0


def test_slices_are_ordered_by_place_and_not_by_name_or_number(tmp_path: Path) -> None:
    paths = write_field(tmp_path, make_grid(), shuffle=True)
    for number, path in enumerate(paths):
        edit(path, lambda d, n=number: setattr(d, "InstanceNumber", (n * 5) % 7))  # type: ignore[misc]
    assert_field(load_volume(tmp_path))


@pytest.mark.parametrize(
    "syntax", ["explicit-little", "implicit-little", "explicit-big", "deflated"]
)
def test_every_native_encoding_gives_the_same_volume(tmp_path: Path, syntax: Syntax) -> None:
    grid = make_grid()
    write_field(tmp_path, grid, syntax=syntax)
    volume = load_volume(tmp_path)
    np.testing.assert_array_equal(volume.array, field(grid))
    assert volume.array.dtype.isnative


def test_a_negative_slope_gives_true_hounsfield_units(tmp_path: Path) -> None:
    grid = make_grid()
    write_field(tmp_path, grid, slope=-1.0, intercept=2000.0)
    volume = load_volume(tmp_path)
    np.testing.assert_array_equal(volume.array, field(grid))
    assert volume.intensity.is_hounsfield


def test_a_fractional_slope_gives_float_values(tmp_path: Path) -> None:
    grid = make_grid()
    write_field(tmp_path, grid, slope=0.25, intercept=-1024.0)
    volume = load_volume(tmp_path)
    assert volume.array.dtype == np.float32
    np.testing.assert_allclose(volume.array, field(grid), atol=0.13)


def test_values_beyond_sixteen_bits_become_float_and_stay_exact(tmp_path: Path) -> None:
    grid = make_grid()
    write_field(tmp_path, grid, intercept=-1024.0)
    for path in tmp_path.iterdir():
        edit(path, lambda d: setattr(d, "RescaleIntercept", "-40000"))
    volume = load_volume(tmp_path)
    assert volume.array.dtype == np.float32
    np.testing.assert_array_equal(volume.array, field(grid).astype(float) + 1024 - 40000)


def test_bits_above_those_stored_are_ignored(tmp_path: Path) -> None:
    grid = make_grid()
    write_field(tmp_path, grid)

    def add_rubbish(dataset: object) -> None:
        stored = np.frombuffer(dataset.PixelData, "<u2") | 0xF000  # type: ignore[attr-defined]
        dataset.PixelData = stored.tobytes()  # type: ignore[attr-defined]
        dataset.BitsStored, dataset.HighBit = 12, 11  # type: ignore[attr-defined]

    for path in tmp_path.iterdir():
        edit(path, add_rubbish)
    np.testing.assert_array_equal(load_volume(tmp_path).array, field(grid))


def test_signed_values_of_twelve_bits_get_their_sign(tmp_path: Path) -> None:
    grid = make_grid()
    write_field(tmp_path, grid)

    def make_signed(dataset: object) -> None:
        values = np.frombuffer(dataset.PixelData, "<u2").astype(int) - 1024  # type: ignore[attr-defined]
        dataset.PixelData = (values & 0x0FFF).astype("<u2").tobytes()  # type: ignore[attr-defined]
        dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 12, 11, 1  # type: ignore[attr-defined]
        dataset.RescaleIntercept = 0  # type: ignore[attr-defined]

    for path in tmp_path.iterdir():
        edit(path, make_signed)
    np.testing.assert_array_equal(load_volume(tmp_path).array, field(grid))


def test_a_tilted_gantry_is_set_upright_and_recorded(tmp_path: Path) -> None:
    write_field(tmp_path, make_grid((9, 16, 12)), tilt_deg=20.0)
    series = scan_one(tmp_path).entries[0].series
    assert [r.code for r in series.repairs] == ["gantry-tilt-corrected"]
    assert "20.0 degrees" in series.repairs[0].message
    volume = load_volume(tmp_path)
    d = volume.grid.directions
    np.testing.assert_allclose(d.T @ d, np.eye(3), atol=1e-9)
    # The writer moves slices and leaves their values, so a value tells where its slice was.
    index = np.stack(np.meshgrid(*(np.arange(n) for n in volume.grid.shape), indexing="ij"), -1)
    lps = volume.grid.to_lps(index)
    lean = np.tan(np.deg2rad(20.0)) * (lps[..., 2] - (40.0 + 4 * 2.0))
    before = lps - lean[..., None] * np.array([0.0, 1.0, 0.0])
    covered = (before[..., 1] >= 15.0) & (before[..., 1] <= 15.0 + 15 * 1.5)
    error = np.abs(volume.array - before @ np.array([2.0, -3.0, 5.0]))
    assert error[covered].max() <= 1.1
    assert covered.sum() >= 9 * 15 * 12
    half = 1.5 / 2 + 1e-6
    beyond = (before[..., 1] < 15.0 - half) | (before[..., 1] > 15.0 + 15 * 1.5 + half)
    assert beyond.any()
    assert (volume.array[beyond] == volume.array.min()).all()


def test_slices_moved_within_their_planes_are_put_where_their_headers_say(
    tmp_path: Path,
) -> None:
    paths = write_field(tmp_path, make_grid((5, 20, 20), (2.0, 1.0, 1.0)))

    def move(dataset: object) -> None:
        x, y, z = dataset.ImagePositionPatient  # type: ignore[attr-defined]
        dataset.ImagePositionPatient = [float(x) + 3.0, y, z]  # type: ignore[attr-defined]
        values = np.frombuffer(dataset.PixelData, "<u2") + 6  # type: ignore[attr-defined]
        dataset.PixelData = values.tobytes()  # type: ignore[attr-defined]

    edit(paths[2], move)
    series = scan_one(tmp_path).entries[0].series
    assert [r.code for r in series.repairs] == ["slice-shift-corrected"]
    assert series.shape == (5, 20, 23)
    volume = load_volume(tmp_path)
    for point in ((-15.0, 25.0, 44.0), (-5.0, 30.0, 44.0), (-10.0, 22.0, 46.0)):
        k, j, i = np.rint(volume.grid.to_index(point)).astype(int)
        assert volume.array[k, j, i] == pytest.approx(np.dot((2, -3, 5), point), abs=0.6)


def test_cosines_written_with_few_digits_still_give_right_angles(tmp_path: Path) -> None:
    write_field(tmp_path, make_grid(directions=rotation((11, 7, -5)) @ AXIAL))
    for path in tmp_path.iterdir():
        edit(
            path,
            lambda d: setattr(
                d, "ImageOrientationPatient", [f"{v:.4f}" for v in d.ImageOrientationPatient]
            ),
        )
    directions = load_volume(tmp_path).grid.directions
    np.testing.assert_allclose(directions.T @ directions, np.eye(3), atol=2e-3)


def test_a_series_found_twice_in_one_scan_is_read_once(tmp_path: Path) -> None:
    write_field(tmp_path / "ct", make_grid())
    found = scan([tmp_path, tmp_path / "ct"])
    assert [e.series.files for e in found.entries] == [7]
    assert load(found.entries[0]).info.kind == "volume"
