"""Index and place belong together: in every axis order, flipped, oblique and cropped."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medview.core.errors import GeometryError
from medview.core.geometry import affine as aff
from medview.core.geometry.box import BoxLps, box_around_index
from medview.core.geometry.grid import Grid, same_frame, same_grid, same_sampling
from medview.core.geometry.orient import (
    AxisOrder,
    canonical_order,
    letters,
    orientation_of,
    slice_axis,
)
from medview.core.geometry.plane import at_slice, slice_count, slice_index, view_plane
from tests.unit.core.strategies import CANONICAL, ORDERS, grids, rotation

AXIAL = Grid((10, 20, 30), aff.compose((-15, -20, 100), CANONICAL, (5, 2, 1)), "1.2.3")


def all_indices(grid: Grid) -> np.ndarray:
    return np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), -1).reshape(-1, 3)


# ---- affines and grids -------------------------------------------------------------------


@given(grids())
def test_index_to_place_and_back_is_the_same_index(grid: Grid) -> None:
    index = all_indices(grid)
    np.testing.assert_allclose(grid.to_index(grid.to_lps(index)), index, atol=1e-7)


@given(grids())
def test_composing_what_was_split_gives_the_affine_again(grid: Grid) -> None:
    again = aff.compose(grid.origin_lps_mm, grid.directions, grid.spacing_mm)
    np.testing.assert_allclose(again, grid.index_to_lps, atol=1e-9)
    assert aff.is_orthogonal(again)


@given(grids())
def test_the_volume_of_a_voxel_is_the_product_of_its_edges(grid: Grid) -> None:
    assert grid.voxel_volume_mm3 == pytest.approx(np.prod(grid.spacing_mm))


def test_a_sheared_voxel_is_smaller_than_the_product_of_its_edges() -> None:
    matrix = np.eye(4)
    matrix[:3, 1] = (0, 1, 1)
    grid = Grid((2, 2, 2), matrix)
    assert grid.voxel_volume_mm3 == pytest.approx(1.0)
    assert np.prod(grid.spacing_mm) == pytest.approx(np.sqrt(2))
    assert not aff.is_orthogonal(matrix)


def test_known_places_of_an_axial_grid() -> None:
    np.testing.assert_allclose(AXIAL.to_lps((0, 0, 0)), (-15, -20, 100))
    np.testing.assert_allclose(AXIAL.to_lps((2, 3, 4)), (-11, -14, 110))
    np.testing.assert_allclose(AXIAL.to_lps((0.5, 0, 0)), (-15, -20, 102.5))
    assert AXIAL.centre_lps_mm == pytest.approx((-0.5, -1, 122.5))
    np.testing.assert_allclose(AXIAL.bounds_lps_mm(), [(-15.5, -21, 97.5), (14.5, 19, 147.5)])


@given(grids())
def test_voxel_centres_are_inside_and_points_beyond_the_edges_outside(grid: Grid) -> None:
    assert grid.contains(grid.to_lps(all_indices(grid))).all()
    for axis in range(3):
        for beyond in (-0.51, grid.shape[axis] - 0.49):
            index = np.zeros(3)
            index[axis] = beyond
            assert not grid.contains(grid.to_lps(index))


@given(grids(), st.data())
def test_a_cropped_grid_keeps_voxels_in_place(grid: Grid, data: st.DataObject) -> None:
    start = tuple(data.draw(st.integers(0, n - 1)) for n in grid.shape)
    shape = tuple(data.draw(st.integers(1, n - a)) for n, a in zip(grid.shape, start, strict=True))
    part = grid.crop((start[0], start[1], start[2]), (shape[0], shape[1], shape[2]))
    index = all_indices(part)
    np.testing.assert_allclose(part.to_lps(index), grid.to_lps(index + start), atol=1e-8)
    assert same_frame(part, grid)


@given(grids(), st.tuples(*[st.floats(0.3, 5)] * 3))
def test_a_resampled_grid_covers_the_same_block(grid: Grid, spacing: tuple[float, ...]) -> None:
    new = grid.resampled((spacing[0], spacing[1], spacing[2]))
    assert new.spacing_mm == pytest.approx(spacing)
    np.testing.assert_allclose(new.to_lps((-0.5,) * 3), grid.to_lps((-0.5,) * 3), atol=1e-6)
    for axis in range(3):
        old_length = grid.shape[axis] * grid.spacing_mm[axis]
        new_length = new.shape[axis] * spacing[axis]
        assert new.shape[axis] == 1 or abs(new_length - old_length) <= spacing[axis] / 2 + 1e-9


@pytest.mark.parametrize(
    "matrix",
    [
        np.eye(3),
        np.diag([1.0, 1, 0, 1]),
        np.full((4, 4), np.nan),
        np.eye(4) * 2,
        np.array([[1.0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]),
    ],
    ids=["shape", "flat", "nan", "last-row", "parallel"],
)
def test_an_affine_that_maps_no_volume_is_refused(matrix: np.ndarray) -> None:
    with pytest.raises(GeometryError):
        Grid((2, 2, 2), matrix)


@pytest.mark.parametrize("shape", [(0, 1, 1), (2, 2), (1, -1, 1)])
def test_a_shape_without_voxels_is_refused(shape: tuple[int, int, int]) -> None:
    with pytest.raises(GeometryError):
        Grid(shape, np.eye(4))


def test_micrometre_voxels_are_no_degenerate_grid() -> None:
    grid = Grid((2, 2, 2), np.diag([1e-4, 1e-4, 1e-4, 1]))
    assert grid.spacing_mm == pytest.approx((1e-4,) * 3)


@pytest.mark.parametrize("spacing", [(0, 1, 1), (1, -1, 1), (1, 1, np.nan)])
def test_a_spacing_that_is_not_positive_is_refused(spacing: tuple[float, ...]) -> None:
    with pytest.raises(GeometryError):
        aff.compose((0, 0, 0), np.eye(3), spacing)


def test_a_grid_cannot_be_changed_from_outside() -> None:
    matrix = np.eye(4)
    grid = Grid((2, 2, 2), matrix)
    matrix[0, 3] = 99
    assert grid.origin_lps_mm == (0, 0, 0)
    with pytest.raises(ValueError, match="read-only"):
        grid.index_to_lps[0, 3] = 1
    with pytest.raises(ValueError, match="read-only"):
        grid.lps_to_index[0, 3] = 1


# ---- same or not -------------------------------------------------------------------------


def test_an_unknown_frame_is_equal_to_nothing_not_even_to_another_unknown() -> None:
    a, b = Grid((2, 2, 2), np.eye(4)), Grid((2, 2, 2), np.eye(4))
    assert same_sampling(a, b)
    assert not same_frame(a, b)
    assert not same_grid(a, b)
    assert same_grid(a, a)


def test_a_grid_moved_by_a_tenth_of_a_millimetre_is_another_grid() -> None:
    matrix = np.eye(4)
    matrix[0, 3] = 0.1
    a, b = Grid((2, 2, 2), np.eye(4), "1"), Grid((2, 2, 2), matrix, "1")
    assert same_frame(a, b)
    assert not same_grid(a, b)
    assert same_grid(a, b, tolerance_mm=0.2)


def test_a_small_error_of_spacing_counts_where_it_adds_up() -> None:
    near = Grid((500, 2, 2), np.eye(4), "1")
    far = Grid((500, 2, 2), np.diag([1 + 1e-5, 1, 1, 1]), "1")
    assert not same_grid(near, far)
    assert same_grid(near.with_shape((5, 2, 2)), far.with_shape((5, 2, 2)))


def test_grids_of_other_shape_or_frame_differ() -> None:
    a = Grid((2, 2, 2), np.eye(4), "1")
    assert not same_grid(a, a.with_shape((2, 2, 3)))
    assert not same_grid(a, Grid((2, 2, 2), np.eye(4), "2"))


# ---- orientation -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "name"),
    [
        ((1, 0, 0), "L"),
        ((-1, 0, 0), "R"),
        ((0, 1, 0), "P"),
        ((0, -1, 0), "A"),
        ((0, 0, 1), "S"),
        ((0, 0, -1), "I"),
        ((0, 0.5, 0.8), "SP"),
        ((9, 0.1, 0), "L"),
        ((0, 0, 0), ""),
    ],
)
def test_directions_have_the_letters_of_dicom(
    direction: tuple[float, float, float], name: str
) -> None:
    assert letters(direction) == name


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_every_axis_order_can_be_undone(order: AxisOrder) -> None:
    array = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    np.testing.assert_array_equal(order.undo(order.apply(array)), array)
    colour = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    np.testing.assert_array_equal(order.undo(order.apply(colour)), colour)


@given(grids(), st.sampled_from(ORDERS))
def test_reordered_voxels_stay_at_their_places(grid: Grid, order: AxisOrder) -> None:
    places = grid.to_lps(all_indices(grid)).reshape(*grid.shape, 3)
    moved = order.apply_to_grid(grid)
    expected = order.apply(places).reshape(-1, 3)
    np.testing.assert_allclose(moved.to_lps(all_indices(moved)), expected, atol=1e-7)


@given(grids(max_angle=0.35))
def test_the_canonical_order_leads_to_superior_posterior_left(grid: Grid) -> None:
    canonical = canonical_order(grid).apply_to_grid(grid)
    cosines = (CANONICAL * canonical.directions).sum(axis=0)
    assert (cosines > 0.7).all()
    assert canonical_order(canonical).is_identity


@given(grids())
def test_even_at_odd_angles_the_canonical_order_uses_each_axis_once(grid: Grid) -> None:
    order = canonical_order(grid)
    assert sorted(order.axes) == [0, 1, 2]
    canonical = order.apply_to_grid(grid)
    assert ((CANONICAL * canonical.directions).sum(axis=0) >= -1e-9).all()


def test_a_grid_at_45_degrees_still_has_three_different_axes() -> None:
    axes = rotation(np.pi / 4, 0, 0) @ CANONICAL
    order = canonical_order(Grid((2, 2, 2), aff.compose((0, 0, 0), axes, (1, 1, 1))))
    assert sorted(order.axes) == [0, 1, 2]


@pytest.mark.parametrize(
    ("k", "name"), [((0, 0, 1), "axial"), ((0, -1, 0), "coronal"), ((1, 0, 0), "sagittal")]
)
def test_the_slices_of_a_series_name_its_orientation(k: tuple[int, ...], name: str) -> None:
    axes = np.stack([np.array(k), np.roll(k, 1), np.roll(k, 2)], axis=1)
    grid = Grid((2, 3, 4), aff.compose((0, 0, 0), axes, (1, 1, 1)))
    assert orientation_of(grid) == name
    assert slice_axis(grid, name) == 0


def test_slices_far_off_every_axis_are_oblique() -> None:
    axes = rotation(np.deg2rad(40), 0, 0) @ CANONICAL
    grid = Grid((2, 2, 2), aff.compose((0, 0, 0), axes, (1, 1, 1)))
    assert orientation_of(grid) == "oblique"
    with pytest.raises(GeometryError):
        slice_axis(grid, "oblique")


# ---- view planes -------------------------------------------------------------------------


@given(grids(max_angle=0.35), st.sampled_from(["axial", "coronal", "sagittal"]))
def test_left_is_on_the_right_of_the_screen_and_the_head_on_top(grid: Grid, plane: str) -> None:
    view = view_plane(grid, plane)  # type: ignore[arg-type]
    right, up = {"axial": ("L", "A"), "coronal": ("L", "S"), "sagittal": ("P", "S")}[plane]
    assert letters(view.right)[0] == right
    assert letters(view.up)[0] == up
    triad = np.stack([view.right, view.up, view.normal])
    np.testing.assert_allclose(triad @ triad.T, np.eye(3), atol=1e-9)


@given(grids(max_angle=0.35), st.sampled_from(["axial", "coronal", "sagittal"]), st.data())
def test_slice_numbers_and_places_agree(grid: Grid, plane: str, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, slice_count(grid, plane) - 1))  # type: ignore[arg-type]
    point = at_slice(grid, plane, np.array(grid.centre_lps_mm), index)  # type: ignore[arg-type]
    assert slice_index(grid, plane, point) == index  # type: ignore[arg-type]
    neighbour = at_slice(grid, plane, point, index + 1)  # type: ignore[arg-type]
    step = np.dot(neighbour - point, view_plane(grid, plane).normal)  # type: ignore[arg-type]
    assert step >= -1e-9  # numbers grow along the normal


def test_slice_numbers_grow_to_the_head_however_the_file_is_ordered() -> None:
    for order in ORDERS:
        grid = order.apply_to_grid(AXIAL)
        assert slice_count(grid, "axial") == 10
        assert slice_index(grid, "axial", np.array((0, 0, 100.0))) == 0
        assert slice_index(grid, "axial", np.array((0, 0, 145.0))) == 9
        assert slice_index(grid, "axial", np.array((0, 0, 999.0))) == 9
        assert slice_index(grid, "sagittal", np.array((-15.0, 0, 0))) == 0
        assert slice_index(grid, "coronal", np.array((0, 18.0, 0))) == 19


# ---- boxes -------------------------------------------------------------------------------


@given(grids())
def test_the_box_around_all_voxels_is_the_bounds_of_the_grid(grid: Grid) -> None:
    box = box_around_index(grid, (0, 0, 0), grid.shape)
    np.testing.assert_allclose(box.corners, grid.bounds_lps_mm(), atol=1e-7)
    slightly_larger = BoxLps(box.centre_lps_mm, tuple(s + 1e-6 for s in box.size_mm))  # type: ignore[arg-type]
    assert all(slightly_larger.contains(p) for p in grid.to_lps(all_indices(grid)))


def test_the_box_around_one_voxel_has_its_edges() -> None:
    box = box_around_index(AXIAL, (2, 3, 4), (3, 4, 5))
    assert box.centre_lps_mm == pytest.approx((-11, -14, 110))
    assert box.size_mm == pytest.approx((1, 2, 5))
    assert not box.contains(np.array((-11, -14, 113.0)))


@pytest.mark.parametrize("size", [(-1, 1, 1), (np.nan, 1, 1), (np.inf, 1, 1)])
def test_a_box_without_a_size_is_refused(size: tuple[float, float, float]) -> None:
    with pytest.raises(GeometryError):
        BoxLps((0, 0, 0), size)
