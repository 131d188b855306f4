"""What the DICOM writer writes is what other readers read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from medview.core.errors import UsageError
from medview.core.geometry.orient import AxisOrder
from medview.testing.dicom_writer import SeriesHeader, Syntax, uid, write_dicom_series
from medview.testing.phantoms import axial_grid, marker_phantom

pydicom = pytest.importorskip("pydicom")
sitk = pytest.importorskip("SimpleITK")


def read(folder: Path) -> tuple[NDArray[np.int16], Any]:
    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder))
    image = sitk.ReadImage(names)
    return sitk.GetArrayFromImage(image), image


@pytest.mark.parametrize("syntax", ["explicit-little", "implicit-little", "explicit-big"])
def test_itk_reads_the_values_and_the_place_back(tmp_path: Path, syntax: Syntax) -> None:
    volume = marker_phantom()
    write_dicom_series(volume, tmp_path, syntax=syntax, shuffle=True)
    array, image = read(tmp_path)
    assert (array == volume.array).all()
    assert image.GetSpacing() == pytest.approx((1.5, 1.5, 2.0))
    assert image.GetOrigin() == pytest.approx(volume.grid.origin_lps_mm)


def test_an_oblique_anisotropic_grid_comes_back_in_place(tmp_path: Path) -> None:
    c, s = np.cos(0.3), np.sin(0.3)
    directions = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.array(
        [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    )
    grid = axial_grid((6, 9, 12), (2.0, 1.1, 0.7), directions=directions)
    values = np.arange(6 * 9 * 12, dtype=np.int16).reshape(6, 9, 12)
    write_dicom_series(values, tmp_path, grid=grid)
    array, image = read(tmp_path)
    k, j, i = np.argwhere(array == values[2, 5, 7])[0]
    place = image.TransformIndexToPhysicalPoint((int(i), int(j), int(k)))
    assert place == pytest.approx(tuple(grid.to_lps((2, 5, 7))), abs=1e-6)


def test_a_left_handed_grid_keeps_every_value_at_its_place(tmp_path: Path) -> None:
    volume = marker_phantom().reordered(AxisOrder((0, 1, 2), (False, True, False)))
    write_dicom_series(volume, tmp_path)
    array, image = read(tmp_path)
    k, j, i = image.TransformPhysicalPointToIndex((40.0, 0.0, 0.0))[::-1]
    assert array[k, j, i] == pytest.approx(1000, abs=1)


def test_slope_and_intercept_are_undone_by_the_reader(tmp_path: Path) -> None:
    volume = marker_phantom()
    write_dicom_series(volume, tmp_path, header=SeriesHeader(slope=2.0, intercept=-1000.0))
    assert np.abs(read(tmp_path)[0] - volume.array.astype(np.int16)).max() <= 1


def test_tilted_slices_move_along_their_columns(tmp_path: Path) -> None:
    volume = marker_phantom()
    paths = write_dicom_series(volume, tmp_path, header=SeriesHeader(tilt_deg=15.0))
    first, second = (np.array(pydicom.dcmread(p).ImagePositionPatient) for p in paths[:2])
    shift = second - first
    assert shift[1] / shift[2] == pytest.approx(np.tan(np.deg2rad(15.0)))


def test_headers_are_as_rich_as_a_scanners(tmp_path: Path) -> None:
    paths = write_dicom_series(marker_phantom(), tmp_path)
    assert len(pydicom.dcmread(paths[0])) >= 120


def test_equal_seeds_give_equal_files(tmp_path: Path) -> None:
    one = write_dicom_series(marker_phantom(), tmp_path / "a")
    two = write_dicom_series(marker_phantom(), tmp_path / "b")
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]
    other = write_dicom_series(marker_phantom(), tmp_path / "c", header=SeriesHeader(seed="x"))
    assert pydicom.dcmread(other[0]).SeriesInstanceUID != pydicom.dcmread(one[0]).SeriesInstanceUID


def test_uids_are_valid() -> None:
    value = pydicom.uid.UID(uid("a", 1))
    assert value.is_valid
    assert len(value) <= 64


def test_values_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="16 bits"):
        write_dicom_series(marker_phantom(), tmp_path, header=SeriesHeader(slope=0.01))
