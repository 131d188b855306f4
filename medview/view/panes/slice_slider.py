"""`SliceSlider`: a thin mark at a view's edge: where in the stack it is; can be dragged."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

_WIDTH = 10
_GROOVE = QColor(52, 52, 52)
_HELD = QColor(108, 166, 224)
_HANDLE = QColor(140, 140, 140)
_LEAST_HANDLE = 14.0


class SliceSlider(QWidget):
    """Emits `index_requested`; moves only when `set_slices` says so."""

    index_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(_WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._count = 0
        self._index = 0
        self._hot = False

    def set_slices(self, count: int, index: int) -> None:
        """Show `index` of `count`."""
        if (count, index) != (self._count, self._index):
            self._count, self._index = count, index
            self.update()

    def sizeHint(self) -> QSize:
        """Be thin and as tall as the view."""
        return QSize(_WIDTH, 64)

    def handle_rect(self) -> QRectF:
        """Where the mark is, in this widget."""
        tall = max(self.height() / max(self._count, 1), _LEAST_HANDLE)
        room = self.height() - tall
        at = room * self._index / (self._count - 1) if self._count > 1 else 0.0
        return QRectF(3, at, _WIDTH - 6, tall)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a groove and the mark."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0))
        if self._count < 2:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_GROOVE)
        painter.drawRoundedRect(QRectF(4.5, 2, 1, self.height() - 4), 0.5, 0.5)
        painter.setBrush(_HELD if self._hot else _HANDLE)
        painter.drawRoundedRect(self.handle_rect(), 2, 2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the place that was clicked."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._hot = True
            self._request(event.position().y())
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the hand while the button is down."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._request(event.position().y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._hot = False
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take a quick second click as a first one, not as the view's double click."""
        self.mousePressEvent(event)

    def _request(self, y: float) -> None:
        if self._count < 2:
            return
        tall = self.handle_rect().height()
        share = (y - tall / 2) / max(self.height() - tall, 1.0)
        index = round(min(max(share, 0.0), 1.0) * (self._count - 1))
        if index != self._index:
            self.index_requested.emit(index)
