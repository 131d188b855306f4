"""Mouse events sent as the platform would send them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

NO_KEY = Qt.KeyboardModifier.NoModifier
START = QPoint(150, 120)


def move(
    widget: QWidget,
    to: QPoint,
    buttons: Qt.MouseButton = Qt.MouseButton.NoButton,
    keys: Qt.KeyboardModifier = NO_KEY,
) -> None:
    """Move the pointer to `to` with `buttons` held."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(to),
        QPointF(widget.mapToGlobal(to)),
        Qt.MouseButton.NoButton,
        buttons,
        keys,
    )
    QApplication.sendEvent(widget, event)


def drag(
    widget: QWidget, button: Qt.MouseButton, by: QPoint, keys: Qt.KeyboardModifier = NO_KEY
) -> None:
    """Press at `START`, move by `by`, release."""
    QTest.mousePress(widget, button, keys, START)
    move(widget, START + by, button, keys)
    QTest.mouseRelease(widget, button, keys, START + by)


def turn_wheel(widget: QWidget, angle: int, keys: Qt.KeyboardModifier = NO_KEY) -> None:
    """Turn the wheel over `START`; positive is away from the hand."""
    event = QWheelEvent(
        QPointF(START),
        QPointF(widget.mapToGlobal(START)),
        QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
