"""`ImagePane`: one picture (a photograph, or a slice of a stack) with zoom and pan of its own.

Signals
-------
scrolled(int), window_dragged(dx, dy), focused(), pointer_moved(column, row), pointer_left()

Setters
-------
set_picture(rgb | None), set_frames(count, index, name), set_caption(str),
    set_marks(tuple[Mark, ...]), set_text_shown(bool), fit(), set_tool(Tool)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from medview.render.caption import TONES, Mark
from medview.view.panes.gestures import (
    Button,
    Drag,
    Tool,
    drag_of,
    drag_steps,
    wheel_steps,
    window_of_drag,
    zoom_of_drag,
    zoom_of_wheel,
)

_BUTTONS: dict[Qt.MouseButton, Button] = {
    Qt.MouseButton.LeftButton: "left",
    Qt.MouseButton.MiddleButton: "middle",
    Qt.MouseButton.RightButton: "right",
}
_CLOSEST = 64.0
_MARK_GAP = 4.0


class ImagePane(QWidget):
    """Paints an RGB array; magnified pixels stay sharp squares."""

    scrolled = Signal(int)
    slice_requested = Signal(int)
    window_dragged = Signal(float, float)
    pointer_moved = Signal(float, float)
    pointer_left = Signal()
    focused = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Image view")
        self._pixels: NDArray[np.uint8] | None = None
        self._caption = ""
        self._marks: tuple[Mark, ...] = ()
        self._text_shown = True
        self._count, self._index, self._name = 0, 0, "im"
        self._zoom = 1.0
        self._offset = QPointF()
        self._tool = Tool.WINDOW
        self._drag = Drag.NONE
        self._button = Qt.MouseButton.NoButton
        self._last = QPointF()
        self._steps = drag_steps()
        self._wheel = wheel_steps()

    def set_picture(self, rgb: NDArray[np.uint8] | None) -> None:
        """Show (rows, columns, 3) uint8; zoom and place stay while the size stays."""
        before = None if self._pixels is None else self._pixels.shape
        self._pixels = None if rgb is None else np.ascontiguousarray(rgb)
        if rgb is not None and rgb.shape != before:
            self.fit()
        self.update()

    def set_frames(self, count: int, index: int, name: str = "im") -> None:
        """Say which of several frames this is, e.g. ``im 2/20``; without a name, it is not told."""
        self._count, self._index, self._name = count, index, name
        self.update()

    def set_caption(self, caption: str) -> None:
        """Show lines of text in the upper left corner."""
        self._caption = caption
        self.update()

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        """Show tags that may not be missed; they stay when the text is hidden."""
        self._marks = marks
        self.update()

    def set_text_shown(self, shown: bool) -> None:
        """Show or hide the lines of text."""
        self._text_shown = shown
        self.update()

    def set_tool(self, tool: Tool) -> None:
        """Choose what the left button does."""
        self._tool = tool

    def fit(self) -> None:
        """Make the whole picture visible."""
        self._zoom, self._offset = 1.0, QPointF()
        self.update()

    def target(self) -> QRectF:
        """Where the picture lies in this widget, in logical pixels."""
        if self._pixels is None:
            return QRectF()
        rows, columns, _ = self._pixels.shape
        scale = min(self.width() / columns, self.height() / rows) * self._zoom
        size = QPointF(columns * scale, rows * scale)
        centre = QPointF(self.width() / 2, self.height() / 2) + self._offset
        return QRectF(centre.x() - size.x() / 2, centre.y() - size.y() / 2, size.x(), size.y())

    def zoom_at(self, factor: float, point: QPointF) -> None:
        """Magnify so that what is under `point` stays there."""
        new = min(max(self._zoom * factor, 0.2), _CLOSEST)
        share = new / self._zoom
        centre = QPointF(self.width() / 2, self.height() / 2)
        self._offset = point - centre - (point - centre - self._offset) * share
        self._zoom = new
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start a drag."""
        self.focused.emit()
        if self._drag is not Drag.NONE or event.button() not in _BUTTONS:
            return
        keys = event.modifiers()
        self._drag = drag_of(
            _BUTTONS[event.button()],
            shift=bool(keys & Qt.KeyboardModifier.ShiftModifier),
            tool=self._tool,
        )
        self._button, self._last = event.button(), event.position()
        self._steps = drag_steps(fast=bool(keys & Qt.KeyboardModifier.ControlModifier))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the drag, or tell the pixel under the pointer."""
        moved = event.position() - self._last
        self._last = event.position()
        if self._drag is Drag.WINDOW:
            fast = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.window_dragged.emit(*window_of_drag(moved.x(), moved.y(), fast=fast))
        elif self._drag is Drag.PAN:
            self._offset += moved
            self.update()
        elif self._drag is Drag.ZOOM:
            middle = QPointF(self.width() / 2, self.height() / 2)
            self.zoom_at(zoom_of_drag(moved.y()), middle)
        elif self._drag is Drag.SCROLL:
            steps = self._steps.add(moved.y())
            if steps:
                self.scrolled.emit(steps)
        self._tell_pixel(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag."""
        if event.button() == self._button:
            self._drag = Drag.NONE

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit again."""
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Go through the frames; zoom where there is only one, or with Ctrl."""
        self.focused.emit()
        event.accept()
        angle = event.angleDelta().y()
        if self._count < 2 or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_at(zoom_of_wheel(angle), event.position())
            return
        steps = self._wheel.add(-angle)
        if steps:
            self.scrolled.emit(steps)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the pointer is gone."""
        self.pointer_left.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture on black."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0))
        if self._pixels is not None:
            rows, columns, _ = self._pixels.shape
            image = QImage(
                self._pixels.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888
            )
            target = self.target()
            shrinks = target.width() * self.devicePixelRatioF() < columns
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrinks)
            painter.drawImage(target, image)
        named = self._count > 1 and self._name
        frame = f"{self._name} {self._index + 1}/{self._count}" if named else ""
        text = "\n".join(line for line in (self._caption, frame) if line)
        room = self.rect().adjusted(12, 10, -12, -10)
        top = float(room.top())
        if text and self._text_shown:
            top = self._draw_text(painter, room, text) + _MARK_GAP
        for mark in self._marks:
            top = self._draw_mark(painter, mark, room.left(), top) + _MARK_GAP

    @staticmethod
    def _draw_text(painter: QPainter, room: QRect, text: str) -> float:
        # Wrapped: why a stack is no volume is a sentence or two, and nothing of it may be cut off.
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        flags |= int(Qt.TextFlag.TextWordWrap)
        # Dark below light: readable on white as on black.
        painter.setPen(QColor(0, 0, 0, 200))
        painter.drawText(room.translated(1, 1), flags, text)
        painter.setPen(QColor(255, 255, 255, 217))
        painter.drawText(room, flags, text)
        return float(painter.boundingRect(room, flags, text).bottom())

    @staticmethod
    def _draw_mark(painter: QPainter, mark: Mark, left: float, top: float) -> float:
        ground, ink = TONES[mark.tone]
        size = painter.fontMetrics().size(0, mark.text)
        box = QRectF(left, top, size.width() + 12, size.height() + 4)
        painter.fillRect(box, QColor(*ground))
        painter.setPen(QColor(*ink))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), mark.text)
        return box.bottom()

    def _tell_pixel(self, position: QPointF) -> None:
        target = self.target()
        if self._pixels is None or target.isEmpty():
            return
        rows, columns, _ = self._pixels.shape
        column = (position.x() - target.x()) / target.width() * columns - 0.5
        row = (position.y() - target.y()) / target.height() * rows - 0.5
        self.pointer_moved.emit(column, row)
