"""Resampling is right on fields whose value is known everywhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from medview.core.errors import GeometryError
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.core.geometry.orient import AxisOrder
from medview.core.geometry.resample import resample
from medview.core.progress import Cancelled
from tests.unit.core.strategies import CANONICAL, ORDERS, grids, rotation

BLOCK = Grid((20, 24, 28), compose((-14, -12, 0), CANONICAL, (1.0, 1.0, 1.0)), "1.2.3")


def ramp(grid: Grid) -> np.ndarray:
    """2x - 3y + 0.5z + 7 at every voxel centre, x, y, z in LPS millimetres."""
    index = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), -1)
    return np.asarray(grid.to_lps(index) @ (2.0, -3.0, 0.5) + 7.0, dtype=np.float32)


@given(grids(max_count=5))
def test_a_linear_ramp_is_the_same_ramp_on_any_other_grid(target: Grid) -> None:
    # Moved into the block, so that no target voxel lies outside.
    matrix = np.array(target.index_to_lps)
    matrix[:3, :3] *= 0.2
    middle = matrix[:3, :3] @ ((np.array(target.shape) - 1) / 2)
    matrix[:3, 3] = np.array(BLOCK.centre_lps_mm) - middle
    target = Grid(target.shape, matrix, "1.2.3")
    got = resample(ramp(BLOCK), BLOCK, target, "linear", outside=np.nan)
    np.testing.assert_allclose(got, ramp(target), atol=1e-3)
    assert got.dtype == np.float32


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_reordered_labels_are_only_reordered(order: AxisOrder) -> None:
    labels = np.random.default_rng(0).integers(0, 9, BLOCK.shape).astype(np.uint8)
    target = order.apply_to_grid(BLOCK)
    got = resample(labels, BLOCK, target, "nearest")
    np.testing.assert_array_equal(got, order.apply(labels))
    assert got.dtype == np.uint8


def test_labels_never_get_a_value_between_two_labels() -> None:
    labels = np.where(np.arange(28) < 14, 1, 7)[None, None, :].repeat(24, 1).repeat(20, 0)
    axes = rotation(0.3, 0.2, 0.1) @ CANONICAL
    target = Grid((30, 30, 30), compose((-14, -12, 0), axes, (0.7, 0.9, 0.8)), "1.2.3")
    assert set(np.unique(resample(labels.astype(np.uint8), BLOCK, target, "nearest"))) <= {0, 1, 7}


def test_upsampled_labels_keep_their_edges_in_millimetres() -> None:
    labels = np.zeros(BLOCK.shape, np.uint8)
    labels[5:10, 6:12, 7:14] = 3
    fine = BLOCK.resampled((0.25, 0.5, 0.5))
    got = resample(labels, BLOCK, fine, "nearest")
    assert np.count_nonzero(got) * fine.voxel_volume_mm3 == pytest.approx(5 * 6 * 7)
    assert (got[20:40, 12:24, 14:28] == 3).all()


def test_voxels_outside_the_source_get_the_stated_value() -> None:
    matrix = np.array(BLOCK.index_to_lps)
    matrix[2, 3] -= 3
    below = Grid(BLOCK.shape, matrix, "1.2.3")
    got = resample(np.ones(BLOCK.shape, np.float32), BLOCK, below, "linear", outside=-1000)
    assert (got[:3] == -1000).all()
    assert (got[3:] == 1).all()


def test_values_reach_to_the_outer_edge_of_the_last_voxel_and_no_further() -> None:
    source = Grid((1, 1, 2), np.eye(4)[:, [2, 1, 0, 3]], "1")
    values = np.array([[[10.0, 20.0]]], np.float32)
    for x, expected in [(-0.6, 0), (-0.4, 10), (0.25, 12.5), (1.4, 20), (1.6, 0)]:
        matrix = np.array(source.index_to_lps)
        matrix[0, 3] = x
        point = Grid((1, 1, 1), matrix, "1")
        assert resample(values, source, point, "linear")[0, 0, 0] == pytest.approx(expected)


def test_grids_of_unknown_or_other_frames_are_not_resampled_unawares() -> None:
    unknown = Grid(BLOCK.shape, BLOCK.index_to_lps)
    other = Grid(BLOCK.shape, BLOCK.index_to_lps, "9.9")
    values = np.zeros(BLOCK.shape)
    for target in (unknown, other):
        with pytest.raises(GeometryError, match="frame of reference"):
            resample(values, BLOCK, target, "linear")
        assert resample(values, BLOCK, target, "linear", across_frames=True).shape == BLOCK.shape


def test_an_array_off_its_grid_is_refused() -> None:
    with pytest.raises(GeometryError):
        resample(np.zeros((2, 2, 2)), BLOCK, BLOCK, "nearest")


def test_resampling_can_be_stopped() -> None:
    def stop(fraction: float | None, text: str) -> None:
        if fraction is not None and fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        resample(np.zeros(BLOCK.shape), BLOCK, BLOCK, "linear", progress=stop)
