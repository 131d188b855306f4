"""Panes and their host under real mouse events."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medview.view.panes.gestures import Tool
from medview.view.panes.image_pane import ImagePane
from medview.view.panes.slice_pane import SlicePane
from medview.view.panes.volume_pane import VolumePane
from tests.gui.view.events import NO_KEY, START, drag, move, turn_wheel

LEFT = Qt.MouseButton.LeftButton
MIDDLE = Qt.MouseButton.MiddleButton
RIGHT = Qt.MouseButton.RightButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


class HalfRed:
    """A view that draws its left half red, and counts how often."""

    def __init__(self) -> None:
        self.size = (1, 1)
        self.frames = 0

    def resize(self, width: int, height: int, scale: float = 1.0) -> None:
        self.size = (width, height)

    def frame(self) -> NDArray[np.uint8]:
        self.frames += 1
        width, height = self.size
        rgb = np.zeros((height, width, 3), np.uint8)
        rgb[:, : width // 2] = (255, 0, 0)
        return rgb


@pytest.fixture
def pane(themed: QApplication, qtbot: QtBot) -> SlicePane:
    made = SlicePane("axial")
    qtbot.addWidget(made)
    made.resize(400, 300)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_a_left_drag_tells_the_window_distance(pane: SlicePane, qtbot: QtBot) -> None:
    with qtbot.waitSignal(pane.window_dragged) as told:
        drag(pane, LEFT, QPoint(12, -7))
    assert told.args == [12, -7]


def test_a_middle_drag_and_a_shifted_left_drag_pan(pane: SlicePane, qtbot: QtBot) -> None:
    ratio = pane.devicePixelRatioF()
    for button, keys in ((MIDDLE, NO_KEY), (LEFT, SHIFT)):
        with qtbot.waitSignal(pane.panned) as told, qtbot.assertNotEmitted(pane.window_dragged):
            drag(pane, button, QPoint(5, 9), keys)
        assert told.args == [5 * ratio, 9 * ratio]


def test_a_right_drag_zooms_about_the_middle_of_the_view(pane: SlicePane, qtbot: QtBot) -> None:
    with qtbot.waitSignal(pane.zoomed) as told:
        drag(pane, RIGHT, QPoint(0, 40))
    factor, x, y = told.args
    width, height = pane.host.frame_size()
    assert factor > 1
    assert (x, y) == (width / 2, height / 2)


def test_the_wheel_scrolls_and_ctrl_with_the_wheel_zooms_at_the_pointer(
    pane: SlicePane, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(pane.scrolled) as told, qtbot.assertNotEmitted(pane.zoomed):
        turn_wheel(pane, -240)
    assert told.args == [2]
    with qtbot.waitSignal(pane.zoomed) as told, qtbot.assertNotEmitted(pane.scrolled):
        turn_wheel(pane, 120, CTRL)
    assert told.args[0] > 1
    # The frame begins one pixel inside the pane.
    assert told.args[1:] == [START.x() - 1, START.y() - 1]


def test_shift_and_move_requests_the_crosshair_without_a_button(
    pane: SlicePane, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(pane.cursor_requested) as told:
        move(pane, QPoint(31, 41), keys=SHIFT)
    assert told.args == [30, 40]
    with qtbot.assertNotEmitted(pane.cursor_requested):
        move(pane, QPoint(35, 41))


def test_the_tool_decides_what_the_left_button_does(pane: SlicePane, qtbot: QtBot) -> None:
    pane.set_tool(Tool.PROBE)
    with qtbot.waitSignal(pane.cursor_requested):
        drag(pane, LEFT, QPoint(3, 3))
    pane.set_tool(Tool.SCROLL)
    with qtbot.waitSignal(pane.scrolled) as told:
        drag(pane, LEFT, QPoint(0, 12))
    assert told.args == [2]


def test_a_second_button_does_not_disturb_a_drag(pane: SlicePane, qtbot: QtBot) -> None:
    QTest.mousePress(pane, LEFT, NO_KEY, START)
    QTest.mousePress(pane, RIGHT, NO_KEY, START)
    QTest.mouseRelease(pane, RIGHT, NO_KEY, START)
    with qtbot.waitSignal(pane.window_dragged), qtbot.assertNotEmitted(pane.zoomed):
        move(pane, START + QPoint(4, 0), LEFT)
    QTest.mouseRelease(pane, LEFT, NO_KEY, START)


def test_a_double_click_asks_to_maximise(pane: SlicePane, qtbot: QtBot) -> None:
    with qtbot.waitSignal(pane.maximise_requested):
        QTest.mouseDClick(pane, LEFT, NO_KEY, START)


def test_drags_are_bracketed_so_that_drawing_may_be_coarser(
    themed: QApplication, qtbot: QtBot
) -> None:
    pane = VolumePane()
    qtbot.addWidget(pane)
    pane.resize(400, 300)
    pane.show()
    told: list[str] = []
    pane.drag_started.connect(lambda kind: told.append(f"start {kind}"))
    pane.rotated.connect(lambda dx, dy: told.append(f"{dx:g} {dy:g}"))
    pane.drag_ended.connect(lambda kind: told.append(f"end {kind}"))
    drag(pane, LEFT, QPoint(6, 2))
    assert told == ["start rotate", "6 2", "end rotate"]


def test_the_slider_requests_the_ends_of_the_stack(pane: SlicePane, qtbot: QtBot) -> None:
    pane.set_slices(50, 20)
    slider = pane.slider
    for y, index in ((0, 0), (slider.height() - 1, 49)):
        with qtbot.waitSignal(pane.slice_requested) as told:
            QTest.mouseClick(slider, LEFT, NO_KEY, QPoint(4, y))
        assert told.args == [index]


def test_the_slider_moves_only_when_it_is_told_to(pane: SlicePane) -> None:
    pane.set_slices(50, 20)
    before = pane.slider.handle_rect()
    QTest.mouseClick(pane.slider, LEFT, NO_KEY, QPoint(4, 2))
    assert pane.slider.handle_rect() == before
    pane.set_slices(50, 0)
    assert pane.slider.handle_rect().top() == 0


def test_the_frame_of_a_view_is_painted_pixel_for_pixel(pane: SlicePane, qtbot: QtBot) -> None:
    view = HalfRed()
    with qtbot.waitSignal(pane.host.rendered):
        pane.set_view(view)
    assert view.size == pane.host.frame_size()
    picture = pane.host.grab().toImage()
    half = picture.width() // 2
    assert picture.pixelColor(half - 1, 50) == QColor(255, 0, 0)
    assert picture.pixelColor(half, 50) == QColor(0, 0, 0)


def test_many_requests_in_one_turn_draw_one_frame(pane: SlicePane, qtbot: QtBot) -> None:
    view = HalfRed()
    with qtbot.waitSignal(pane.host.rendered):
        pane.set_view(view)
    drawn = view.frames
    with qtbot.waitSignal(pane.host.rendered):
        for _ in range(100):
            pane.request_render()
    assert view.frames == drawn + 1


def test_a_request_made_while_drawing_draws_once_more(pane: SlicePane, qtbot: QtBot) -> None:
    class Restless(HalfRed):
        def frame(self) -> NDArray[np.uint8]:
            if self.frames == 0:
                pane.request_render()
            return super().frame()

    view = Restless()
    pane.set_view(view)
    qtbot.waitUntil(lambda: view.frames == 2)
    qtbot.wait(50)
    assert view.frames == 2


def test_a_hidden_view_is_not_drawn_until_it_is_shown(pane: SlicePane, qtbot: QtBot) -> None:
    view = HalfRed()
    with qtbot.waitSignal(pane.host.rendered):
        pane.set_view(view)
    pane.hide()
    drawn = view.frames
    pane.request_render()
    qtbot.wait(50)
    assert view.frames == drawn
    with qtbot.waitSignal(pane.host.rendered):
        pane.show()


def test_the_active_pane_has_another_frame(pane: SlicePane) -> None:
    def corner() -> QColor:
        return pane.grab().toImage().pixelColor(0, 0)

    resting = corner()
    pane.set_active(True)
    assert corner() != resting
    pane.set_active(False)
    assert corner() == resting


def test_zooming_an_image_keeps_the_pixel_under_the_pointer(
    themed: QApplication, qtbot: QtBot
) -> None:
    pane = ImagePane()
    qtbot.addWidget(pane)
    pane.resize(400, 300)
    pane.show()
    pane.set_picture(np.zeros((60, 80, 3), np.uint8))
    told: list[tuple[float, float]] = []
    pane.pointer_moved.connect(lambda column, row: told.append((column, row)))
    move(pane, START)
    turn_wheel(pane, 360)
    move(pane, START)
    assert told[0] == pytest.approx(told[1])
    # 400 x 300 shows 80 x 60 pixels at 5 : 1.
    assert told[0] == pytest.approx((START.x() / 5 - 0.5, START.y() / 5 - 0.5))
