"""`ViewPane`: a frame around one view that turns mouse events into gestures; base of the panes."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QWidget

from medview.view.panes.gestures import (
    Button,
    Drag,
    Steps,
    Tool,
    ViewKind,
    drag_of,
    drag_steps,
    wheel_steps,
    wheel_zooms,
    window_of_drag,
    zoom_of_drag,
    zoom_of_wheel,
)
from medview.view.vtk_host import FrameView, VtkHost

_BUTTONS: dict[Qt.MouseButton, Button] = {
    Qt.MouseButton.LeftButton: "left",
    Qt.MouseButton.MiddleButton: "middle",
    Qt.MouseButton.RightButton: "right",
}
_CURSORS = {
    Drag.PAN: Qt.CursorShape.ClosedHandCursor,
    Drag.ZOOM: Qt.CursorShape.SizeVerCursor,
    Drag.SCROLL: Qt.CursorShape.SizeVerCursor,
    Drag.WINDOW: Qt.CursorShape.SizeAllCursor,
    Drag.CURSOR: Qt.CursorShape.CrossCursor,
}


# Views are black in both themes, so their frames are the same in both.
_ACTIVE = QColor(108, 166, 224)
_RESTING = QColor(48, 48, 48)


class ViewPane(QWidget):
    """A view with a 1 px frame, in the accent colour while it is the active one.

    Positions and pan distances are pixels of the frame (device pixels, x right,
    y down), as the views' `display_to_lps` takes them; window and rotation
    distances are logical pixels, so that the hand feels alike on every screen.
    """

    scrolled = Signal(int)
    window_dragged = Signal(float, float)
    panned = Signal(float, float)
    zoomed = Signal(float, float, float)
    rotated = Signal(float, float)
    cursor_requested = Signal(float, float)
    pointer_moved = Signal(float, float)
    pointer_left = Signal()
    focused = Signal()
    maximise_requested = Signal()
    drag_started = Signal(str)
    drag_ended = Signal(str)

    kind: ClassVar[ViewKind] = "slice"

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.host = VtkHost(self)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"{name.capitalize()} view")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(1, 1, 1, 1)
        self._row.setSpacing(0)
        self._row.addWidget(self.host, 1)
        self._active = False
        self._tool = Tool.WINDOW
        self._drag = Drag.NONE
        self._button = Qt.MouseButton.NoButton
        self._last = QPointF()
        self._steps: Steps = drag_steps()
        self._wheel = wheel_steps()

    def set_view(self, view: FrameView | None) -> None:
        """Show another view."""
        self.host.set_view(view)

    def request_render(self) -> None:
        """Ask for a new frame; handed to the view as its way to be drawn."""
        self.host.request_render()

    def set_active(self, active: bool) -> None:
        """Mark it as the one that keys act on."""
        if active != self._active:
            self._active = active
            self.update()

    def set_tool(self, tool: Tool) -> None:
        """Choose what the left button does."""
        self._tool = tool

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the attention when the reader comes by Tab."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.focused.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start a drag; a second button during a drag is ignored."""
        self.focused.emit()
        if self._drag is not Drag.NONE or event.button() not in _BUTTONS:
            return
        keys = event.modifiers()
        self._drag = drag_of(
            _BUTTONS[event.button()],
            shift=bool(keys & Qt.KeyboardModifier.ShiftModifier),
            tool=self._tool,
            kind=self.kind,
        )
        self._button = event.button()
        self._last = event.position()
        self._steps = drag_steps(fast=bool(keys & Qt.KeyboardModifier.ControlModifier))
        self.setCursor(_CURSORS.get(self._drag, Qt.CursorShape.ArrowCursor))
        self.drag_started.emit(self._drag.value)
        if self._drag is Drag.CURSOR:
            self.cursor_requested.emit(*self._to_frame(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with a drag; otherwise tell where the pointer is."""
        position = self._to_frame(event.position())
        moved = event.position() - self._last
        if self._drag is Drag.NONE:
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self.kind == "slice":
                self.cursor_requested.emit(*position)
            self.pointer_moved.emit(*position)
            return
        self._last = event.position()
        self._go_on(event, moved, position)
        self.pointer_moved.emit(*position)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag."""
        if event.button() == self._button:
            self._end_drag()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fill the area with this view, or give the others back."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.focused.emit()
            self.maximise_requested.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Go through the slices, or zoom with Ctrl."""
        self.focused.emit()
        event.accept()
        angle = event.angleDelta().y() or event.angleDelta().x()
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if wheel_zooms(ctrl=ctrl, kind=self.kind):
            self.zoomed.emit(zoom_of_wheel(angle), *self._to_frame(event.position()))
            return
        # Towards the hand is down the list of slices, as in a document.
        steps = self._wheel.add(-angle)
        if steps:
            self.scrolled.emit(steps)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Tell where the pointer came in."""
        self.pointer_moved.emit(*self._to_frame(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that no value is under the pointer any more."""
        self.pointer_left.emit()

    def hideEvent(self, event: QEvent) -> None:
        """End a drag that would never see its release."""
        self._end_drag()
        super().hideEvent(event)  # type: ignore[arg-type]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame."""
        # The whole ground in the frame's colour: a 1 px outline would fall under the children where
        # screens have one and a half pixels to the point.
        QPainter(self).fillRect(self.rect(), _ACTIVE if self._active else _RESTING)

    def _go_on(self, event: QMouseEvent, moved: QPointF, position: tuple[float, float]) -> None:
        ratio = self.devicePixelRatioF()
        fast = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if self._drag is Drag.WINDOW:
            self.window_dragged.emit(*window_of_drag(moved.x(), moved.y(), fast=fast))
        elif self._drag is Drag.PAN:
            self.panned.emit(moved.x() * ratio, moved.y() * ratio)
        elif self._drag is Drag.ZOOM:
            width, height = self.host.frame_size()
            self.zoomed.emit(zoom_of_drag(moved.y()), width / 2, height / 2)
        elif self._drag is Drag.SCROLL:
            steps = self._steps.add(moved.y())
            if steps:
                self.scrolled.emit(steps)
        elif self._drag is Drag.CURSOR:
            self.cursor_requested.emit(*position)
        elif self._drag is Drag.ROTATE:
            self.rotated.emit(moved.x(), moved.y())

    def _end_drag(self) -> None:
        if self._drag is not Drag.NONE:
            ended, self._drag = self._drag, Drag.NONE
            self._button = Qt.MouseButton.NoButton
            self.unsetCursor()
            self.drag_ended.emit(ended.value)

    def _to_frame(self, position: QPointF) -> tuple[float, float]:
        return self.host.to_frame(position - QPointF(self.host.pos()))
