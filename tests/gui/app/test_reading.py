"""The reader's hand and keys on a whole window: slices, window, crosshair, layouts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medview.app.session import PLANES
from medview.app.wiring import Desk
from medview.core.data.intensity import Window
from medview.core.scene.layout import Layout
from medview.core.scene.viewport import PlaneName
from tests.gui.app.acts import open_and_wait
from tests.gui.view.events import START, drag, move, turn_wheel

LEFT = Qt.MouseButton.LeftButton
MIDDLE = Qt.MouseButton.MiddleButton
RIGHT = Qt.MouseButton.RightButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def reading(desk: Desk, qtbot: QtBot, ball_series: Path) -> Desk:
    open_and_wait(desk, qtbot, ball_series)
    return desk


def index(desk: Desk, plane: PlaneName) -> int:
    return desk.navigator.position(plane)[0]


def test_the_wheel_towards_the_hand_goes_down_the_body(reading: Desk) -> None:
    before = index(reading, "axial")
    turn_wheel(reading.views.pane("axial"), -120)
    assert index(reading, "axial") == before - 1
    assert reading.session.planes["axial"].state.focus_lps_mm[2] < 0 + 2.0 * 20


def test_dragging_changes_window_and_level_and_dragging_back_restores_them(reading: Desk) -> None:
    pane = reading.views.pane("axial")
    before = reading.session.planes["axial"].state.window
    drag(pane, LEFT, QPoint(30, -20))
    changed = reading.session.planes["axial"].state.window
    assert changed.width > before.width
    assert changed.level < before.level
    drag(pane, LEFT, QPoint(-30, 20))
    after = reading.session.planes["axial"].state.window
    assert after.width == pytest.approx(before.width)
    assert after.level == pytest.approx(before.level)


def test_the_grabbed_point_follows_a_pan(reading: Desk) -> None:
    pane, view = reading.views.pane("axial"), reading.views.slices["axial"]
    ratio = pane.devicePixelRatioF()
    grabbed = view.display_to_lps(START.x() * ratio, START.y() * ratio)
    drag(pane, MIDDLE, QPoint(40, 25))
    now = view.display_to_lps((START.x() + 40) * ratio, (START.y() + 25) * ratio)
    assert grabbed is not None
    assert now is not None
    np.testing.assert_allclose(now, grabbed, atol=1e-6)


def test_dragging_down_with_the_right_button_comes_closer(reading: Desk) -> None:
    before = reading.session.planes["coronal"].state.height_mm
    drag(reading.views.pane("coronal"), RIGHT, QPoint(0, 60))
    assert reading.session.planes["coronal"].state.height_mm < before


def test_shift_and_move_bring_the_other_planes_to_the_point(reading: Desk) -> None:
    pane, view = reading.views.pane("axial"), reading.views.slices["axial"]
    before = index(reading, "axial")
    place = QPoint(pane.width() // 3, pane.height() // 3)
    move(pane, place, keys=SHIFT)
    ratio = pane.devicePixelRatioF()
    host = pane.host.pos()
    chosen = view.display_to_lps((place.x() - host.x()) * ratio, (place.y() - host.y()) * ratio)
    assert chosen is not None
    np.testing.assert_allclose(reading.session.cursor.state.position_lps_mm, chosen, atol=1e-6)
    assert index(reading, "axial") == before
    sagittal = reading.session.planes["sagittal"].state.focus_lps_mm
    coronal = reading.session.planes["coronal"].state.focus_lps_mm
    assert abs(sagittal[0] - chosen[0]) <= 0.75 + 1e-6
    assert abs(coronal[1] - chosen[1]) <= 0.75 + 1e-6


def test_keys_work_at_once_after_the_mouse_and_act_on_the_view_under_attention(
    reading: Desk,
) -> None:
    before = {plane: index(reading, plane) for plane in PLANES}
    drag(reading.views.pane("sagittal"), LEFT, QPoint(3, 3))
    QTest.keyClick(reading.window, Qt.Key.Key_Down)
    after = {plane: index(reading, plane) for plane in PLANES}
    assert after == {**before, "sagittal": before["sagittal"] + 1}


def test_window_presets_have_the_values_their_names_promise(reading: Desk) -> None:
    names = {preset.name: preset.window for preset in reading.presets.offered}
    assert names["Lung"] == Window(1500.0, -600.0)
    number = list(names).index("Lung")
    QTest.keyClick(reading.window, Qt.Key(Qt.Key.Key_2.value + number))
    for plane in PLANES:
        assert reading.session.planes[plane].state.window == Window(1500.0, -600.0)


def test_escape_takes_back_window_zoom_and_turns_and_keeps_the_slice(reading: Desk) -> None:
    fitted = reading.session.planes["axial"].state
    turn_wheel(reading.views.pane("axial"), -120)
    drag(reading.views.pane("axial"), LEFT, QPoint(30, -20))
    drag(reading.views.pane("axial"), RIGHT, QPoint(0, 40))
    reading.window.commands.action("view.turn-right").trigger()
    QTest.keyClick(reading.window, Qt.Key.Key_Escape)
    state = reading.session.planes["axial"].state
    assert state.window == fitted.window
    assert state.rotation_deg == 0
    assert state.height_mm == pytest.approx(fitted.height_mm)
    assert state.focus_lps_mm[2] == pytest.approx(fitted.focus_lps_mm[2] - 2.0)


def test_space_goes_through_three_states_of_what_lies_over_the_image(reading: Desk) -> None:
    seen = []
    for _ in range(3):
        state = reading.session.planes["axial"].state
        seen.append((state.show_text, state.show_crosshair))
        QTest.keyClick(reading.window, Qt.Key.Key_Space)
    state = reading.session.planes["axial"].state
    assert len(set(seen)) == 3
    assert (state.show_text, state.show_crosshair) == seen[0]


def test_a_double_click_gives_one_view_the_whole_area_and_back(reading: Desk) -> None:
    pane = reading.views.pane("coronal")
    QTest.mouseDClick(pane, LEFT, pos=START)
    assert reading.window.viewer.current_layout is Layout.CORONAL
    QTest.mouseDClick(pane, LEFT, pos=START)
    assert reading.window.viewer.current_layout is Layout.FOUR_UP


def test_the_value_under_the_pointer_is_shown_with_its_unit(reading: Desk) -> None:
    pane, view = reading.views.pane("axial"), reading.views.slices["axial"]
    ratio = pane.devicePixelRatioF()
    x, y = view.lps_to_display((0.0, 0.0, 0.0))
    place = QPoint(round(x / ratio), round(y / ratio)) + pane.host.pos()
    move(pane, place)
    # The ball holds 100 HU and lies around the origin.
    assert "HU 100 @" in reading.window._pointer.text()


def test_turning_the_volume_moves_its_camera_and_nothing_else(reading: Desk) -> None:
    before = {plane: reading.session.planes[plane].state for plane in PLANES}
    camera = reading.session.volume.state.position_lps_mm
    drag(reading.window.viewer.volume, LEFT, QPoint(40, 10))
    assert reading.session.volume.state.position_lps_mm != camera
    assert {plane: reading.session.planes[plane].state for plane in PLANES} == before


def test_tab_gives_the_attention_to_the_next_view(reading: Desk) -> None:
    assert reading.window.viewer.active == "axial"
    QTest.keyClick(reading.views.pane("axial"), Qt.Key.Key_Tab)
    assert reading.window.viewer.active == "coronal"
    QTest.keyClick(reading.views.pane("coronal"), Qt.Key.Key_Backtab)
    assert reading.window.viewer.active == "axial"
