"""Photographs and stacks: read as pictures, refused by volume models with the reason in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medview.app.wiring import Desk
from medview.core.data.intensity import Intensity
from medview.core.data.series import Series
from medview.core.data.source import SourceInfo
from medview.core.data.stack import Stack
from medview.core.notice import Notice
from medview.core.scene.scene import OpenSource
from tests.fake_models import GOOD_RUN, FakeSite
from tests.gui.view.events import drag, turn_wheel

WHY = Notice("uneven", "The slices are not evenly spaced.")


@pytest.fixture
def desk_with_model(make_desk: Callable[[], Desk], site: FakeSite) -> Desk:
    site.add(GOOD_RUN)
    desk = make_desk()
    desk.start([])
    return desk


def show_stack(desk: Desk) -> Stack:
    slices = tuple(np.full((20, 30), value, np.int16) for value in (-60, 40, 140))
    info = SourceInfo("stack", "CT", Intensity.HOUNSFIELD, marks=(WHY,))
    stack = Stack(slices, ((1.0, 1.0),) * 3, ("a", "b", "c"), info)
    series = Series("1.2.3", "stack", "CT", shape=(3, 20, 30), warnings=(WHY,))
    desk.session.scene.add_source(OpenSource("1.2.3", series, None, stack))
    desk.session.scene.set_active("1.2.3")
    return stack


def shown_grey(desk: Desk) -> int:
    pixels = desk.window.viewer.image._pixels
    assert pixels is not None
    return int(pixels[10, 15, 0])


def test_a_photograph_shows_its_own_colours(
    desk_with_model: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    colours = np.zeros((40, 60, 3), np.uint8)
    colours[:, :30] = (200, 40, 10)
    Image.fromarray(colours).save(tmp_path / "eye.png")
    desk = desk_with_model
    desk.opener.open([tmp_path / "eye.png"])
    qtbot.waitUntil(lambda: desk.session.scene.active is not None, timeout=20_000)
    pixels = desk.window.viewer.image._pixels
    np.testing.assert_array_equal(pixels, colours)
    desk.window.viewer.image.pointer_moved.emit(5.0, 6.0)
    assert desk.window._pointer.text() == "RGB 200 40 10 @ column 5 row 6 px"


def test_a_stack_is_read_slice_by_slice_and_says_why(desk_with_model: Desk, qtbot: QtBot) -> None:
    desk = desk_with_model
    show_stack(desk)
    middle = shown_grey(desk)
    turn_wheel(desk.window.viewer.image, 120)
    assert shown_grey(desk) < middle
    turn_wheel(desk.window.viewer.image, -120)
    turn_wheel(desk.window.viewer.image, -120)
    assert shown_grey(desk) > middle
    assert WHY.message in desk.window.viewer.image._caption


def test_a_stack_is_refused_by_every_model_with_the_reason(
    desk_with_model: Desk, qtbot: QtBot
) -> None:
    desk = desk_with_model
    show_stack(desk)
    cards = desk.window.models.cards
    qtbot.waitUntil(
        lambda: "bright" in cards and WHY.message in cards["bright"]._verdict.text(),
        timeout=10_000,
    )
    assert not cards["bright"].run_button.isEnabled()


def test_window_and_level_work_on_a_stack(desk_with_model: Desk) -> None:
    desk = desk_with_model
    show_stack(desk)
    before = shown_grey(desk)
    # Up is brighter.
    drag(desk.window.viewer.image, Qt.MouseButton.LeftButton, QPoint(0, -100))
    assert shown_grey(desk) > before
    desk.reading.reset()
    assert shown_grey(desk) == before


def colours_on_screen(desk: Desk) -> np.ndarray:
    image = desk.window.viewer.image.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return flat[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def test_a_stack_carries_its_red_mark_even_without_text(desk_with_model: Desk) -> None:
    desk = desk_with_model
    show_stack(desk)
    red = (214, 56, 56)

    def counts() -> tuple[int, int]:
        seen = colours_on_screen(desk)
        left = seen[:100, :200]
        white = int((left.min(axis=2) > 180).sum())
        return int((seen == red).all(axis=2).sum()), white

    marked, letters = counts()
    assert marked > 500
    desk.window.viewer.image.setFocus()
    QTest.keyClicks(desk.window, "I")
    marked_without_text, fewer_letters = counts()
    assert marked_without_text > 500
    assert fewer_letters < letters
