"""Findings written as NIfTI lie where SimpleITK and nibabel put them, on any grid."""

from __future__ import annotations

import gzip
from itertools import permutations, product
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from medview.core.errors import GeometryError, InputError
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid, same_grid
from medview.io.export.nifti import read_nifti, write_nifti

AXES = [
    np.eye(3)[list(p)].T * signs
    for p in permutations(range(3))
    for signs in product((1, -1), repeat=3)
]


def rotation(angles: tuple[float, float, float]) -> NDArray[np.float64]:
    a, b, c = angles
    x = [[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]]
    y = [[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]]
    z = [[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]]
    return np.asarray(np.array(x) @ y @ z)


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Any orientation, any of the 48 axis orders, spacing 0.1 to 10 mm, origin within 1 m."""
    angle = st.one_of(st.floats(-np.pi, np.pi), st.sampled_from([0.0, np.pi / 2, np.pi]))
    axes = rotation(draw(st.tuples(angle, angle, angle))) @ draw(st.sampled_from(AXES))
    spacing = draw(st.tuples(*[st.floats(0.1, 10)] * 3))
    origin = draw(st.tuples(*[st.floats(-1000, 1000)] * 3))
    shape = draw(st.tuples(*[st.integers(1, 7)] * 3))
    return Grid(shape, compose(origin, axes, spacing), "1.2.3")


@given(grid=grids(), dtype=st.sampled_from(["uint8", "uint16", "float32"]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_grid_reads_back_in_place(grid: Grid, dtype: str, tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(0, 200, grid.shape).astype(dtype)
    write_nifti(tmp_path / "x.nii.gz", array, grid)
    values, where = read_nifti(tmp_path / "x.nii.gz", "1.2.3")
    np.testing.assert_array_equal(values, array)
    assert values.dtype == array.dtype
    assert same_grid(where, grid)


@given(grid=grids())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_simpleitk_finds_every_voxel_at_its_lps_place(grid: Grid, tmp_path: Path) -> None:
    array = np.arange(np.prod(grid.shape), dtype=np.uint16).reshape(grid.shape)
    write_nifti(tmp_path / "x.nii.gz", array, grid, labels=True)
    image = sitk.ReadImage(str(tmp_path / "x.nii.gz"))
    assert image.GetPixelID() == sitk.sitkUInt16
    for k, j, i in np.ndindex(*grid.shape):
        assert image[i, j, k] == array[k, j, i]
    for index in [(0, 0, 0), tuple(n - 1 for n in grid.shape)]:
        place = image.TransformIndexToPhysicalPoint([int(n) for n in reversed(index)])
        np.testing.assert_allclose(place, grid.to_lps(index), atol=2e-3)


@given(grid=grids())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_qform_and_sform_say_the_same_to_nibabel(grid: Grid, tmp_path: Path) -> None:
    write_nifti(tmp_path / "x.nii.gz", np.zeros(grid.shape, np.uint8), grid)
    image = nibabel.load(tmp_path / "x.nii.gz")
    assert isinstance(image, nibabel.Nifti1Image)
    (sform, scode), (qform, qcode) = (f(coded=True) for f in (image.get_sform, image.get_qform))
    assert (scode, qcode) == (1, 1)
    np.testing.assert_allclose(sform, qform, atol=2e-3)
    corner = np.array(grid.shape) - 1
    ras = sform @ [*corner[::-1], 1]
    np.testing.assert_allclose(ras[:3], grid.to_lps(corner) * (-1, -1, 1), atol=2e-3)
    assert image.header.get_xyzt_units()[0] == "mm"
    np.testing.assert_allclose(image.header.get_zooms(), grid.spacing_mm[::-1], rtol=1e-6)


def test_a_sheared_grid_has_an_sform_only(tmp_path: Path) -> None:
    matrix = np.eye(4)
    matrix[0, 1] = 0.3
    grid = Grid((2, 3, 4), matrix, "1")
    write_nifti(tmp_path / "x.nii.gz", np.zeros(grid.shape, np.uint8), grid)
    header = nibabel.nifti1.Nifti1Image.from_filename(tmp_path / "x.nii.gz").header
    assert int(header["qform_code"]) == 0
    assert int(header["sform_code"]) == 1
    assert same_grid(read_nifti(tmp_path / "x.nii.gz", "1")[1], grid)


def test_a_large_array_is_written_in_slabs_without_a_seam(tmp_path: Path) -> None:
    grid = Grid((40, 500, 300), np.eye(4), "1")
    array = np.random.default_rng(0).integers(0, 4, grid.shape).astype(np.uint8)
    told: list[float | None] = []
    write_nifti(tmp_path / "x.nii.gz", array, grid, progress=lambda f, text: told.append(f))
    np.testing.assert_array_equal(read_nifti(tmp_path / "x.nii.gz", "1")[0], array)
    assert len(told) > 1


def test_arrays_off_their_grid_and_odd_types_are_refused(tmp_path: Path) -> None:
    grid = Grid((2, 3, 4), np.eye(4), "1")
    with pytest.raises(GeometryError):
        write_nifti(tmp_path / "x.nii.gz", np.zeros((4, 3, 2), np.uint8), grid)
    with pytest.raises(GeometryError):
        write_nifti(tmp_path / "x.nii.gz", np.zeros((2, 3, 4), np.int64), grid)


def test_the_gzip_header_tells_neither_name_nor_time(tmp_path: Path) -> None:
    grid = Grid((2, 3, 4), np.eye(4), "1")
    write_nifti(tmp_path / "x.nii.gz", np.zeros(grid.shape, np.uint8), grid)
    head = (tmp_path / "x.nii.gz").read_bytes()[:10]
    assert head[3] == 0
    assert head[4:8] == b"\0\0\0\0"


def test_a_file_that_holds_more_than_it_says_is_refused(tmp_path: Path) -> None:
    grid = Grid((2, 3, 4), np.eye(4), "1")
    path = tmp_path / "x.nii.gz"
    write_nifti(path, np.zeros(grid.shape, np.uint8), grid)
    with gzip.open(path, "rb") as file:
        data = file.read()
    for changed in (data + b"\0", data[:-1], data[:100]):
        path.write_bytes(gzip.compress(changed))
        with pytest.raises(InputError):
            read_nifti(path, "1")
