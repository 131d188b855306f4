"""`VtkHost`: the widget that shows what a view of `medview.render` draws off-screen.

Setters
-------
set_view(view | None), request_render(), set_minimum_interval_ms(int)

Signals
-------
resized(width, height, scale): size of the frame in device pixels, and device pixels per logical
    pixel
rendered(ms): a new frame is on the screen; how long drawing it took

Mouse events pass through to the pane around it. There is no native child
window: frames are painted with QPainter, so docks, pop-ups and screenshots work
as everywhere in Qt.
"""

from __future__ import annotations

from time import monotonic, perf_counter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_MIN_INTERVAL_S = 1 / 60


class FrameView(Protocol):
    """What the host needs of a view; slice and volume views both have it."""

    def resize(self, width: int, height: int, scale: float = 1.0) -> None:
        """Set the size of the frame in device pixels."""

    def frame(self) -> NDArray[np.uint8]:
        """Draw and return (height, width, 3), top row first."""


class VtkHost(QWidget):
    """Paints the frames of one view, at most one per event-loop turn and 60 a second."""

    resized = Signal(int, int, float)
    rendered = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(64, 64)
        self._view: FrameView | None = None
        self._frame: NDArray[np.uint8] | None = None
        self._stale = False
        self._last = 0.0
        self._interval = _MIN_INTERVAL_S
        self._size: tuple[int, int, float] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._render)

    def set_view(self, view: FrameView | None) -> None:
        """Show another view, or black for None. The view stays the caller's to close."""
        self._view = view
        self._frame = None
        self._size = None
        self._timer.stop()
        if view is None:
            self.update()
        else:
            self._fit_view()
            self.request_render()

    def request_render(self) -> None:
        """Ask for a new frame; many requests in one turn of the event loop make one frame."""
        self._stale = True
        if self._view is None or not self.isVisible() or self._timer.isActive():
            return
        wait = self._interval - (monotonic() - self._last)
        self._timer.start(max(0, round(wait * 1000)))

    def set_minimum_interval_ms(self, interval: int) -> None:
        """Draw no more often than this; larger where drawing is slow."""
        self._interval = max(interval / 1000, _MIN_INTERVAL_S)

    def frame_size(self) -> tuple[int, int]:
        """Width and height of the frame in device pixels."""
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def to_frame(self, position: QPointF) -> tuple[float, float]:
        """Pixels of the frame (x right, y down) for a position in this widget."""
        ratio = self.devicePixelRatioF()
        return position.x() * ratio, position.y() * ratio

    def sizeHint(self) -> QSize:
        """Take a size that leaves room for docks."""
        return QSize(400, 320)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what was asked for while hidden."""
        super().showEvent(event)
        self._fit_view()
        if self._stale:
            self.request_render()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the view draw at the new size."""
        super().resizeEvent(event)
        self._fit_view()

    def event(self, event: QEvent) -> bool:
        """Follow the window to a screen with another scale."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._fit_view()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the latest frame; black where there is none."""
        painter = QPainter(self)
        if self._frame is None:
            painter.fillRect(event.rect(), QColor(0, 0, 0))
            return
        height, width, _ = self._frame.shape
        image = QImage(
            self._frame.data, width, height, self._frame.strides[0], QImage.Format.Format_RGB888
        )
        if (width, height) == self.frame_size():
            # Exactly one image pixel per device pixel: nothing may be interpolated.
            image.setDevicePixelRatio(self.devicePixelRatioF())
            painter.drawImage(0, 0, image)
        else:
            painter.drawImage(QRect(0, 0, self.width(), self.height()), image)

    def _fit_view(self) -> None:
        width, height = self.frame_size()
        size = (width, height, self.devicePixelRatioF())
        if self._view is None or not self.isVisible() or size == self._size:
            return
        self._size = size
        self._view.resize(*size)
        self.resized.emit(*size)
        self.request_render()

    def _render(self) -> None:
        if self._view is None or not self.isVisible():
            return
        # Cleared first: a request made while drawing asks for one more frame.
        self._stale = False
        start = perf_counter()
        self._frame = np.ascontiguousarray(self._view.frame())
        self._last = monotonic()
        self.update()
        self.rendered.emit((perf_counter() - start) * 1000)
        if self._stale:
            self.request_render()
