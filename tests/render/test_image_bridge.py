"""Arrays reach VTK without a copy, or not at all."""

from __future__ import annotations

import numpy as np
import pytest
from vtkmodules.util.numpy_support import vtk_to_numpy

from medview.core.errors import InputError
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.render.image_bridge import ArrayImage, GridImage, VolumeImage, scalars_of
from tests.render.scenes import CANONICAL, grids, volume_on

GRID = Grid((3, 4, 5), compose((1, 2, 3), CANONICAL, (4, 3, 2)), None)
KINDS = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"]


@pytest.mark.parametrize("dtype", KINDS)
def test_every_supported_type_is_shared_and_read_right(dtype: str) -> None:
    array = np.arange(60, dtype=dtype).reshape(3, 4, 5)
    image = ArrayImage(array)
    assert np.shares_memory(vtk_to_numpy(image.index_data.GetPointData().GetScalars()), array)
    assert image.index_data.GetScalarComponentAsDouble(4, 1, 2, 0) == array[2, 1, 4]


def test_a_volume_of_120_mb_is_wrapped_without_a_copy() -> None:
    grid = Grid((60, 1000, 1000), compose((0, 0, 0), CANONICAL, (1, 1, 1)), None)
    volume = volume_on(grid, np.zeros(grid.shape, np.int16))
    image = VolumeImage(volume)
    assert np.shares_memory(scalars_of(image.data), volume.array)
    assert np.shares_memory(scalars_of(image.index_data), volume.array)


def test_what_comes_back_from_vtk_cannot_be_written_to() -> None:
    back = scalars_of(VolumeImage(volume_on(GRID)).data)
    assert back.shape == GRID.shape
    with pytest.raises(ValueError, match="read-only"):
        back[0, 0, 0] = 1


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((3, 4, 5), dtype=">i2"),
        np.zeros((3, 4, 10), dtype=np.int16)[..., ::2],
        np.zeros((3, 4, 5), dtype=bool),
        np.zeros((3, 4, 5), dtype=np.float16),
        np.zeros((3, 4, 5), dtype=np.int64),
        np.zeros((3, 4), dtype=np.int16),
    ],
    ids=["big-endian", "strided", "bool", "half", "64-bit", "flat"],
)
def test_arrays_that_vtk_would_misread_are_refused(array: np.ndarray) -> None:
    with pytest.raises(InputError):
        ArrayImage(array)


@pytest.mark.parametrize("dtype", ["bool", "float16", "int64", "uint64"])
def test_volumes_of_rare_types_are_converted_for_display(dtype: str) -> None:
    array = (np.arange(60) % 2).reshape(3, 4, 5).astype(dtype)
    image = VolumeImage(volume_on(GRID, array))
    assert scalars_of(image.data).tolist() == array.astype(float).tolist()


@pytest.mark.parametrize("name", grids())
def test_vtk_places_every_voxel_where_the_grid_says(name: str) -> None:
    grid = grids()[name]
    image = GridImage(np.zeros(grid.shape, np.int16), grid)
    for index in ((0, 0, 0), (13, 0, 5), (4, 19, 23)):
        k, j, i = index
        x, y, z = image.data.GetPoint(image.data.ComputePointId([i, j, k]))
        placed = image.to_lps.MultiplyPoint((x, y, z, 1))[:3]
        assert placed == pytest.approx(tuple(grid.to_lps(index)), abs=1e-4)
