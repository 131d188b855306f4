"""Gestures on slice views, judged in patient space."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medview.app import navigation as nav
from medview.core.data.intensity import Window
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.core.geometry.plane import view_plane
from medview.core.scene.viewport import SliceState

PLANES = ("axial", "coronal", "sagittal")


def tilted_grid() -> Grid:
    angle = np.deg2rad(12)
    turn = np.array(
        [[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]]
    )
    directions = turn @ np.array([[0, 0, 1], [0, -1, 0], [1, 0, 0]], dtype=float)
    return Grid((20, 40, 50), compose((-30.0, 25.0, 100.0), directions, (5.0, 0.8, 0.7)))


def looking_at_the_middle(plane: str) -> SliceState:
    grid = tilted_grid()
    return SliceState(plane=plane, focus_lps_mm=nav.point(grid.centre_lps_mm), height_mm=40.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("plane", PLANES)
def test_scrolling_moves_one_slice_distance_along_the_normal(plane: str) -> None:
    grid, state = tilted_grid(), looking_at_the_middle(plane)
    state = nav.to_slice(state, grid, 7)
    moved = nav.scrolled(state, grid, 3)
    shift = np.subtract(moved.focus_lps_mm, state.focus_lps_mm)
    expected = view_plane(grid, plane)  # type: ignore[arg-type]
    np.testing.assert_allclose(shift, 3 * expected.step_mm * expected.normal, atol=1e-9)
    assert nav.slice_of(moved, grid) == 10


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize(("steps", "end"), [(-1000, "first"), (1000, "last")])
def test_scrolling_stops_at_the_ends(plane: str, steps: int, end: str) -> None:
    grid = tilted_grid()
    moved = nav.scrolled(looking_at_the_middle(plane), grid, steps)
    assert nav.slice_of(moved, grid) == (0 if end == "first" else nav.last_slice(moved, grid))


@pytest.mark.parametrize("plane", PLANES)
def test_a_point_chosen_in_one_plane_brings_the_others_onto_its_slice(plane: str) -> None:
    grid = tilted_grid()
    target = grid.to_lps((3, 30, 11))
    state = looking_at_the_middle(plane)
    moved = nav.through(state, grid, target)
    number = {"axial": 3, "coronal": 9, "sagittal": 11}[plane]  # rows run to anterior here
    assert nav.slice_of(moved, grid) == number
    plane_axes = view_plane(grid, plane)  # type: ignore[arg-type]
    shift = np.subtract(moved.focus_lps_mm, state.focus_lps_mm)
    assert abs(shift @ plane_axes.right) < 1e-9
    assert abs(shift @ plane_axes.up) < 1e-9


@pytest.mark.parametrize("plane", PLANES)
@given(factor=st.floats(0.5, 2.0), right=st.floats(-15, 15), up=st.floats(-15, 15))
def test_zooming_keeps_the_point_under_the_pointer(
    plane: str, factor: float, right: float, up: float
) -> None:
    grid, state = tilted_grid(), looking_at_the_middle(plane)
    axes = view_plane(grid, plane)  # type: ignore[arg-type]
    anchor = np.asarray(state.focus_lps_mm) + right * axes.right + up * axes.up
    moved = nav.zoomed(state, grid, factor, anchor)
    before = (anchor - np.asarray(state.focus_lps_mm)) / state.height_mm
    after = (anchor - np.asarray(moved.focus_lps_mm)) / moved.height_mm
    np.testing.assert_allclose(after, before, atol=1e-9)
    assert moved.height_mm == pytest.approx(state.height_mm / factor)


def test_zooming_ends_before_single_voxels_fill_the_view() -> None:
    grid, state = tilted_grid(), looking_at_the_middle("axial")
    moved = nav.zoomed(state, grid, 1e9, grid.centre_lps_mm)
    assert moved.height_mm == pytest.approx(4 * 0.7)


def test_zooming_never_leaves_the_slice() -> None:
    grid, state = tilted_grid(), nav.to_slice(looking_at_the_middle("axial"), tilted_grid(), 4)
    moved = nav.zoomed(state, grid, 2.0, grid.to_lps((15, 3, 3)))
    assert nav.slice_of(moved, grid) == 4


def test_panning_brings_the_grabbed_point_under_the_pointer() -> None:
    state = looking_at_the_middle("coronal")
    moved = nav.panned(state, (10.0, 0.0, 5.0), (14.0, 0.0, 2.0))
    # The view's middle moves against the picture.
    np.testing.assert_allclose(
        np.subtract(moved.focus_lps_mm, state.focus_lps_mm), (-4.0, 0.0, 3.0)
    )


def test_dragging_right_widens_and_dragging_up_brightens() -> None:
    window = Window(400.0, 40.0)
    assert nav.with_window_dragged(window, 10, 0, 2.0) == Window(420.0, 40.0)
    brighter = nav.with_window_dragged(window, 0, -10, 2.0)
    assert brighter.level < window.level


@given(dx=st.integers(-100, 500), dy=st.integers(-500, 500))
def test_a_window_drag_can_be_dragged_back(dx: int, dy: int) -> None:
    start = Window(1500.0, -600.0)
    rate = nav.drag_rate(start)
    there = nav.with_window_dragged(start, dx, dy, rate)
    back = nav.with_window_dragged(there, -dx, -dy, rate)
    assert back.width == pytest.approx(start.width)
    assert back.level == pytest.approx(start.level)


def test_a_window_never_becomes_empty() -> None:
    assert nav.with_window_dragged(Window(10.0, 0.0), -5000, 0, 1.0).width > 0


@pytest.mark.parametrize("plane", PLANES)
def test_scrolling_one_plane_leaves_the_crosshair_in_the_slices_of_the_others(plane: str) -> None:
    grid = tilted_grid()
    cursor = nav.point(grid.to_lps((10, 20, 25)))
    state = nav.to_slice(looking_at_the_middle(plane), grid, 5)
    moved = nav.cursor_on(cursor, state, grid)
    for other in PLANES:
        seen = nav.slice_of(nav.through(looking_at_the_middle(other), grid, moved), grid)
        before = nav.slice_of(nav.through(looking_at_the_middle(other), grid, cursor), grid)
        assert seen == (5 if other == plane else before)
