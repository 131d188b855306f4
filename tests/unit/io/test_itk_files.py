"""NIfTI, NRRD, MetaImage and Analyze files keep places and values on the way in and out."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest

from medview.core.data.intensity import Intensity
from medview.core.data.volume import Volume
from medview.core.errors import GeometryError, InputError, UsageError
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid, same_sampling
from medview.io.itk import write_volume
from medview.io.load import load
from medview.io.scan import scan
from tests.unit.io.series import AXIAL, assert_field, field, make_grid, rotation, scan_one

OBLIQUE = rotation((20, 35, -10)) @ AXIAL


def reread(path: Path) -> Volume:
    volume = load(scan_one(path).entries[0])
    assert isinstance(volume, Volume)
    return volume


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.nrrd", "a.mha", "a.mhd"])
@pytest.mark.parametrize("directions", [AXIAL, OBLIQUE], ids=["axial", "oblique"])
def test_a_written_volume_reads_back_at_the_same_place(
    tmp_path: Path, name: str, directions: np.ndarray
) -> None:
    grid = make_grid(directions=directions)
    write_volume(tmp_path / name, Volume(field(grid), grid))
    volume = reread(tmp_path)
    assert same_sampling(volume.grid, grid, 1e-3)
    np.testing.assert_array_equal(volume.array, field(grid))
    assert_field(volume)
    assert volume.intensity is Intensity.ARBITRARY


def test_nibabel_agrees_where_a_written_voxel_lies(tmp_path: Path) -> None:
    grid = make_grid(directions=OBLIQUE)
    write_volume(tmp_path / "a.nii", Volume(field(grid), grid))
    image = nibabel.nifti1.Nifti1Image.from_filename(tmp_path / "a.nii")
    ras = nibabel.affines.apply_affine(image.affine, (3, 2, 1))
    np.testing.assert_allclose(ras * (-1, -1, 1), grid.to_lps((1, 2, 3)), atol=1e-3)


@pytest.mark.parametrize("name", ["a.nii.gz", "a.nrrd", "a.mha"])
def test_slanted_axes_are_refused_and_never_straightened(tmp_path: Path, name: str) -> None:
    matrix = np.array(make_grid((40, 6, 7)).index_to_lps)
    matrix[:3, 0] += 0.2 * matrix[:3, 1]
    grid = Grid((40, 6, 7), matrix)
    with pytest.raises(GeometryError, match="right angles"):
        write_volume(tmp_path / name, Volume(np.zeros(grid.shape, np.int16), grid))
    assert not list(tmp_path.iterdir())


def test_a_hair_of_slant_is_written_with_every_voxel_where_it_is(tmp_path: Path) -> None:
    matrix = np.array(make_grid((12, 6, 7)).index_to_lps)
    matrix[:3, 0] += 1e-5 * matrix[:3, 1]
    grid = Grid((12, 6, 7), matrix)
    write_volume(tmp_path / "a.nrrd", Volume(np.zeros(grid.shape, np.int16), grid))
    assert same_sampling(reread(tmp_path).grid, grid, 1e-3)


def test_an_unknown_extension_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    grid = make_grid()
    with pytest.raises(UsageError, match="names no format"):
        write_volume(tmp_path / "a.xyz", Volume(field(grid), grid))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32])
def test_values_of_every_type_come_back_equal(tmp_path: Path, dtype: type) -> None:
    grid = make_grid((3, 4, 5))
    values = np.arange(60).reshape(3, 4, 5).astype(dtype) * np.dtype(dtype).type(4)
    write_volume(tmp_path / "a.nrrd", Volume(values, grid))
    np.testing.assert_array_equal(reread(tmp_path).array, values)


@pytest.mark.parametrize("prefer", ["sform", "qform"])
def test_either_form_of_nifti_places_the_voxels(tmp_path: Path, prefer: str) -> None:
    grid = make_grid(directions=OBLIQUE)
    affine = np.diag([-1.0, -1, 1, 1]) @ grid.index_to_lps[:, [2, 1, 0, 3]]
    image = nibabel.Nifti1Image(field(grid).transpose(2, 1, 0), None)
    if prefer == "sform":
        image.set_sform(affine, code=1)
        image.set_qform(None, code=0)
    else:
        image.set_qform(affine, code=1)
        image.set_sform(None, code=0)
    nibabel.save(image, tmp_path / "a.nii")
    assert_field(reread(tmp_path))


def test_four_dimensional_nifti_gives_each_time_point(tmp_path: Path) -> None:
    values = np.arange(2 * 3 * 4 * 5, dtype=np.int16).reshape(2, 3, 4, 5)
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), tmp_path / "a.nii.gz")
    entry = scan_one(tmp_path).entries[0]
    assert (entry.series.times, entry.series.shape) == (5, (4, 3, 2))
    for time in range(5):
        volume = load(entry, time=time)
        assert isinstance(volume, Volume)
        np.testing.assert_array_equal(volume.array, values[..., time].transpose(2, 1, 0))


def test_nifti_2_agrees_with_its_nifti_1_twin(data_dir: Path) -> None:
    folder = data_dir / "nifti_basic"
    entry = scan_one(folder / "example_nifti2.nii.gz").entries[0]
    image = nibabel.nifti2.Nifti2Image.from_filename(folder / "example_nifti2.nii.gz")
    volume = load(entry, time=1)
    assert isinstance(volume, Volume)
    np.testing.assert_allclose(
        volume.array, np.asarray(image.dataobj)[..., 1].transpose(2, 1, 0), rtol=1e-6
    )
    ras = nibabel.affines.apply_affine(image.affine, (5, 6, 7))
    np.testing.assert_allclose(volume.grid.to_lps((7, 6, 5)), ras * (-1, -1, 1), atol=1e-3)


def test_analyze_pairs_are_one_series_of_two_files(tmp_path: Path) -> None:
    values = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    nibabel.save(nibabel.Spm99AnalyzeImage(values, np.diag([2.0, 2, 2, 1])), tmp_path / "a.img")
    for extra in tmp_path.glob("*.mat"):
        extra.unlink()
    entry = scan_one(tmp_path).entries[0]
    assert entry.series.files == 2
    volume = load(entry)
    assert isinstance(volume, Volume)
    assert volume.grid.shape == (4, 3, 2)
    assert sorted(np.unique(volume.array)) == list(range(24))


def test_the_user_can_say_that_values_are_hounsfield_units(tmp_path: Path) -> None:
    grid = make_grid()
    write_volume(tmp_path / "a.nii.gz", Volume(field(grid), grid))
    volume = load(scan_one(tmp_path).entries[0], intensity=Intensity.HOUNSFIELD)
    assert volume.info.intensity is Intensity.HOUNSFIELD


def test_a_slanted_grid_is_written_with_right_angles(tmp_path: Path) -> None:
    directions = AXIAL.copy()
    directions[1, 0] = 5e-4
    grid = Grid((3, 4, 5), compose((0, 0, 0), directions, (2, 1, 1)))
    for name in ("a.nii.gz", "a.nrrd", "a.mha"):
        write_volume(tmp_path / name, Volume(np.zeros((3, 4, 5), np.int16), grid))
        again = load(scan_one(tmp_path / name).entries[0])
        assert isinstance(again, Volume)
        assert same_sampling(again.grid, grid, 0.01)


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.nrrd", "a.mha", "a.hdr"])
def test_a_file_that_is_not_what_its_name_says_is_skipped_by_name(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"this is no image at all" * 30)
    found = scan([tmp_path])
    assert not found.entries
    assert name in found.skipped[0].message


@pytest.mark.parametrize("name", ["a.nii", "a.nrrd", "a.mha"])
def test_a_cut_off_volume_file_is_one_sentence(tmp_path: Path, name: str) -> None:
    grid = make_grid((9, 20, 20))
    write_volume(tmp_path / name, Volume(field(grid), grid))
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    found = scan([tmp_path])
    if found.entries:
        with pytest.raises(InputError, match=name):
            load(found.entries[0])
    else:
        assert name in found.skipped[0].message


def test_a_header_that_promises_terabytes_is_refused_before_allocating(tmp_path: Path) -> None:
    values = np.zeros((4, 4, 4), np.int16)
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), tmp_path / "a.nii")
    data = bytearray((tmp_path / "a.nii").read_bytes())
    data[42:48] = np.array([30000, 30000, 30000], "<i2").tobytes()
    (tmp_path / "a.nii").write_bytes(data)
    found = scan([tmp_path])
    if found.entries:
        with pytest.raises(InputError, match=r"a\.nii"):
            load(found.entries[0])
    else:
        assert found.skipped[0].code in ("truncated-pixels", "damaged-header", "too-large")


@pytest.mark.parametrize(
    ("unit", "factor"), [("meter", 1000.0), ("mm", 1.0), ("micron", 0.001), ("unknown", 1.0)]
)
def test_lengths_in_other_units_become_millimetres(
    tmp_path: Path, unit: str, factor: float
) -> None:
    image = nibabel.Nifti1Image(np.zeros((4, 5, 6), np.int16), np.diag([2.0, 3.0, 4.0, 1.0]))
    image.header.set_xyzt_units(unit)
    nibabel.save(image, tmp_path / "a.nii")
    spacing = scan_one(tmp_path).entries[0].series.spacing_mm
    assert spacing == pytest.approx((4.0 * factor, 3.0 * factor, 2.0 * factor))


@pytest.mark.parametrize("name", ["a.nii", "a.hdr", "a.nrrd"])
def test_a_file_that_does_not_know_left_from_right_says_so(tmp_path: Path, name: str) -> None:
    values = np.zeros((4, 5, 6), np.int16)
    if name == "a.nrrd":
        head = b"NRRD0004\ntype: short\ndimension: 3\nsizes: 4 5 6\nspacings: 1 1 2\n"
        head += b"encoding: raw\nendian: little\n\n"
        (tmp_path / name).write_bytes(head + values.tobytes())
    elif name == "a.hdr":
        nibabel.save(nibabel.AnalyzeImage(values, np.eye(4)), tmp_path / name)
    else:
        nibabel.save(nibabel.Nifti1Image(values, None), tmp_path / name)
    warnings = scan_one(tmp_path).entries[0].series.warnings
    assert [w.code for w in warnings] == ["no-orientation"]


@pytest.mark.parametrize("name", ["a.nii", "a.nrrd", "a.mha"])
def test_a_file_that_knows_left_from_right_carries_no_doubt(tmp_path: Path, name: str) -> None:
    write_volume(tmp_path / name, Volume(field(make_grid()), make_grid()))
    assert scan_one(tmp_path).entries[0].series.warnings == ()
