"""Three linked planes and one crosshair, without any widget."""

from __future__ import annotations

import numpy as np
import pytest

from medview.app.controllers.window.navigator import FitFields, Navigator
from medview.app.session import PLANES, Session, new_session
from medview.core.data.intensity import Window
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.core.scene.viewport import PlaneName

GRID = Grid((30, 40, 50), compose((0.0, 0.0, 0.0), np.eye(3)[:, ::-1], (2.0, 1.0, 1.0)))
"""k runs to Superior, j to Posterior, i to Left; origin in the right, front, lower corner."""


def fit(plane: PlaneName) -> FitFields:
    return {"height_mm": 64.0}


@pytest.fixture
def session() -> Session:
    return new_session()


@pytest.fixture
def navigator(session: Session) -> Navigator:
    made = Navigator(session, fit)
    made.begin(GRID, Window(1500.0, -600.0))
    return made


def slices(navigator: Navigator) -> dict[str, int]:
    return {plane: navigator.position(plane)[0] for plane in PLANES}


def test_a_volume_opens_on_native_middle_slices_fully_visible(
    navigator: Navigator, session: Session
) -> None:
    assert navigator.position("axial")[1] == 30
    assert slices(navigator)["axial"] in (14, 15)
    for plane in PLANES:
        state = session.planes[plane].state
        assert state.height_mm == 64.0
        assert state.window == Window(1500.0, -600.0)
        axis = {"axial": 0, "coronal": 1, "sagittal": 2}[plane]
        at = GRID.to_index(np.asarray(state.focus_lps_mm))[axis]
        assert at == pytest.approx(round(at), abs=1e-9)


def test_going_down_the_list_of_axial_slices_goes_towards_the_feet(navigator: Navigator) -> None:
    before = slices(navigator)["axial"]
    navigator.scroll_list("axial", 3)
    assert slices(navigator)["axial"] == before - 3
    navigator.to_first("axial")
    assert slices(navigator)["axial"] == 29
    navigator.to_last("axial")
    assert slices(navigator)["axial"] == 0


def test_going_down_the_list_of_coronal_slices_goes_backwards_through_the_body(
    navigator: Navigator,
) -> None:
    navigator.to_first("coronal")
    assert slices(navigator)["coronal"] == 0
    navigator.scroll_list("coronal", 1000)
    assert slices(navigator)["coronal"] == 39


def test_scrolling_one_plane_leaves_the_slices_of_the_others(navigator: Navigator) -> None:
    before = slices(navigator)
    navigator.scroll_list("sagittal", 5)
    after = slices(navigator)
    assert after["sagittal"] == before["sagittal"] + 5
    assert (after["axial"], after["coronal"]) == (before["axial"], before["coronal"])


def test_the_crosshair_rides_on_the_scrolled_slice(navigator: Navigator, session: Session) -> None:
    navigator.to_slice("axial", 4)
    assert session.cursor.state.position_lps_mm[2] == pytest.approx(8.0)


def test_a_click_in_one_plane_moves_the_other_two(navigator: Navigator) -> None:
    before = slices(navigator)
    navigator.put_cursor((11.0, 22.0, 33.0), chosen_in="axial")
    after = slices(navigator)
    assert after["axial"] == before["axial"]
    assert after["coronal"] == 22
    assert after["sagittal"] == 11


def test_a_jump_brings_the_point_into_the_middle_of_every_plane(
    navigator: Navigator, session: Session
) -> None:
    target = GRID.to_lps((7, 8, 9))
    navigator.jump(target)
    for plane in PLANES:
        np.testing.assert_allclose(session.planes[plane].state.focus_lps_mm, target, atol=1e-9)


def test_fitting_stays_on_the_slice(navigator: Navigator) -> None:
    navigator.to_slice("coronal", 33)
    navigator.zoom("coronal", 3.0, GRID.centre_lps_mm)
    navigator.fit("coronal")
    assert slices(navigator)["coronal"] == 33


def test_the_window_is_shared_by_all_planes(navigator: Navigator, session: Session) -> None:
    navigator.drag_window(30, -30)
    windows = {session.planes[plane].state.window for plane in PLANES}
    assert len(windows) == 1
    [window] = windows
    assert window.width > 1500.0
    assert window.level < -600.0


def test_slice_changes_are_told_once_each(navigator: Navigator) -> None:
    told: list[tuple[str, int, int]] = []
    navigator.slice_changed.connect(lambda *change: told.append(change))
    navigator.to_slice("axial", 3)
    navigator.to_slice("axial", 3)
    navigator.set_window(Window(10.0, 5.0))
    assert told == [("axial", 3, 30)]


def test_what_was_left_is_found_again(navigator: Navigator, session: Session) -> None:
    navigator.to_slice("axial", 3)
    navigator.set_window(Window(80.0, 40.0))
    states = {plane: session.planes[plane].state for plane in PLANES}
    cursor = session.cursor.state
    other = Grid((5, 6, 7), GRID.index_to_lps)
    navigator.begin(other, Window(10.0, 5.0))
    navigator.resume(GRID, states, cursor, Window(1500.0, -600.0))
    assert slices(navigator)["axial"] == 3
    assert session.planes["axial"].state.window == Window(80.0, 40.0)
    assert session.cursor.state == cursor


def test_an_empty_window_ignores_the_hand() -> None:
    session = new_session()
    navigator = Navigator(session, fit)
    before = {plane: session.planes[plane].state for plane in PLANES}
    navigator.scroll_list("axial", 1)
    navigator.to_first("axial")
    navigator.zoom("axial", 2.0, (0, 0, 0))
    navigator.pan("axial", (0, 0, 0), (1, 1, 1))
    navigator.put_cursor((1, 1, 1))
    navigator.jump((1, 1, 1))
    navigator.fit("axial")
    navigator.drag_window(1, 1)
    assert {plane: session.planes[plane].state for plane in PLANES} == before
    assert navigator.position("axial") == (0, 0)
