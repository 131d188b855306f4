"""Qt paints, and what VTK draws beside it is not black."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.leaks import find_leaks, take_snapshot
from tests.render.test_canary import red_square


class Picture(QWidget):
    """Paints one frame."""

    def __init__(self, frame: Any) -> None:
        super().__init__()
        self.frame = frame
        self.resize(frame.shape[1], frame.shape[0])

    def paintEvent(self, event: QPaintEvent) -> None:
        height, width, _ = self.frame.shape
        image = QImage(self.frame, width, height, 3 * width, QImage.Format.Format_RGB888)
        painter = QPainter(self)
        painter.drawImage(0, 0, image)
        painter.end()


def test_a_frame_that_vtk_drew_is_red_on_the_widget(qtbot: QtBot) -> None:
    widget = Picture(red_square())
    qtbot.addWidget(widget)
    widget.show()
    assert widget.grab().toImage().pixelColor(30, 20) == QColor(255, 0, 0)


def test_the_suite_opens_no_window_on_a_display(qapp: QApplication) -> None:
    assert qapp.platformName() == "offscreen"


def test_a_widget_that_survives_is_found(qapp: QApplication) -> None:
    before = take_snapshot()
    kept = QWidget()
    assert any("QWidget" in leak for leak in find_leaks(before))
    kept.deleteLater()
    del kept
    assert find_leaks(before) == []


def test_a_timer_that_goes_on_is_found(qapp: QApplication) -> None:
    before = take_snapshot()
    timer = QTimer()
    timer.start(1000)
    assert any("QTimer" in leak for leak in find_leaks(before))
    timer.stop()
    assert find_leaks(before) == []


def test_a_thread_that_goes_on_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.leaks._GRACE_S", 0.05)
    before = take_snapshot()
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name="forgotten")
    thread.start()
    try:
        assert find_leaks(before) == ["thread still running: forgotten"]
    finally:
        end.set()
        thread.join()
