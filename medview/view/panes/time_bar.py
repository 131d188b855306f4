"""`TimeBar`: a slim scrubber under the views: where in time they are, play and pause.

Signals
-------
time_requested(int): time point (0-based) chosen by hand
play_toggled(): the reader wants it to run, or to stay

Setters
-------
set_times(count, wanted, shown), set_ready(frozenset[int]), set_playing(bool)
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QSlider, QStyle, QStyleOptionSlider, QWidget

from medview.view.icons import icon
from medview.view.keyboard import navigates_by_keys
from medview.view.parts import icon_button, label
from medview.view.theme import tabular_font

_HEIGHT = 30
_READY_PX = 2.0
_MOST_MARKS = 400


class TimeBar(QWidget):
    """Play button, slider, and the time point in words."""

    time_requested = Signal(int)
    play_toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(_HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 12, 0)
        row.setSpacing(8)
        self.play_button = icon_button("cine", "Play  (C)", self.play_toggled.emit)
        self.slider = TimeSlider()
        self.slider.valueChanged.connect(self.time_requested)
        self.words = label("", "text")
        self.words.setFont(tabular_font(self.font()))
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.play_button)
        row.addWidget(self.slider, 1)
        row.addWidget(self.words)

    def set_times(self, count: int, wanted: int, shown: int) -> None:
        """Put the handle on `wanted` of `count`; the words say what is on screen."""
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(count - 1, 0))
            self.slider.setPageStep(max(1, count // 10))
            # A handle in the hand stays where the hand is.
            if not self.slider.isSliderDown():
                self.slider.setValue(wanted)
        waiting = "" if wanted == shown else "  \N{HORIZONTAL ELLIPSIS}"
        self.words.setText(f"t {shown + 1}/{count}{waiting}")
        widest = self.words.fontMetrics().horizontalAdvance(f"t {count}/{count}  …")
        self.words.setMinimumWidth(widest + 4)

    def set_ready(self, ready: frozenset[int]) -> None:
        """Underline the time points that can be shown at once."""
        self.slider.set_ready(ready)

    def set_playing(self, playing: bool) -> None:
        """Offer to pause while it plays."""
        self.play_button.setIcon(icon("pause" if playing else "cine"))
        words = "Pause  (C)" if playing else "Play  (C)"
        self.play_button.setToolTip(words)
        self.play_button.setAccessibleName(words)


class TimeSlider(QSlider):
    """A slider that goes to where it is clicked and follows the hand from there."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setAccessibleName("Time point")
        self.setMinimumHeight(20)
        navigates_by_keys(self)
        self._ready: frozenset[int] = frozenset()

    def set_ready(self, ready: frozenset[int]) -> None:
        """Underline these values."""
        if ready != self._ready:
            self._ready = ready
            self.update()

    def centre_of(self, value: int) -> float:
        """Where the middle of the handle is for a value, in pixels from the left."""
        left, room, half = self._travel()
        return left + half + room * value / max(self.maximum(), 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle to the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setValue(self._value_at(event.position().x()))
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer while the button is down."""
        if self.isSliderDown():
            self.setValue(self._value_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self.setSliderDown(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the slider, and a line under what is ready."""
        super().paintEvent(event)
        if self.maximum() < 1 or len(self._ready) > _MOST_MARKS:
            return
        painter = QPainter(self)
        colour = self.palette().color(QPalette.ColorRole.Text)
        colour.setAlpha(110)
        _, room, _ = self._travel()
        wide = max(room / self.maximum() - 2, 2.0)
        for value in self._ready:
            left = self.centre_of(value) - wide / 2
            painter.fillRect(QRectF(left, self.height() - 4, wide, _READY_PX), colour)

    def _travel(self) -> tuple[float, float, float]:
        """Left end of the groove, room in which the handle moves, and half of the handle."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        controls, parts = QStyle.ComplexControl, QStyle.SubControl
        groove = self.style().subControlRect(
            controls.CC_Slider, option, parts.SC_SliderGroove, self
        )
        handle = self.style().subControlRect(
            controls.CC_Slider, option, parts.SC_SliderHandle, self
        )
        return float(groove.left()), float(groove.width() - handle.width()), handle.width() / 2

    def _value_at(self, x: float) -> int:
        left, room, half = self._travel()
        share = (x - left - half) / max(room, 1.0)
        return round(min(max(share, 0.0), 1.0) * self.maximum())
