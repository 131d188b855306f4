"""`FittingRow`: controls side by side, and below each other where the room is too narrow."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_GAP = 8


class FittingRow(QWidget):
    """Never asks for more width than its widest control.

    Parameters
    ----------
    left, right : sequence of QWidget
        Those at the right end go to a line of their own before anything is cut off.
    """

    def __init__(self, left: Sequence[QWidget], right: Sequence[QWidget] = ()) -> None:
        super().__init__()
        self._left, self._right = tuple(left), tuple(right)
        # In the order in which Tab goes through them.
        for widget in (*self._left, *self._right):
            widget.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        """It has."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height of all lines."""
        return max((place.bottom() + 1 for _, place in self._places(width)), default=0)

    def sizeHint(self) -> QSize:
        """All in one line."""
        shown = [each.sizeHint() for each in self._shown(self._left + self._right)]
        width = sum(size.width() + _GAP for size in shown)
        return QSize(width, max((size.height() for size in shown), default=0))

    def minimumSizeHint(self) -> QSize:
        """Each in a line of its own."""
        shown = [each.sizeHint() for each in self._shown(self._left + self._right)]
        width = max((size.width() for size in shown), default=0)
        return QSize(width, max((size.height() for size in shown), default=0))

    def event(self, event: QEvent) -> bool:
        """Follow controls that come, go and change."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._place()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place them anew."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        for widget, place in self._places(self.width()):
            widget.setGeometry(place)

    def _places(self, width: int) -> list[tuple[QWidget, QRect]]:
        lines = _lines(self._shown(self._left), width)
        right = self._shown(self._right)
        taken = _width(lines[-1]) + _GAP if lines else 0
        last = right if right and lines and taken + _width(right) <= width else []
        tails = [] if last or not right else _lines(right, width)
        placed: list[tuple[QWidget, QRect]] = []
        top = 0
        for at, line in enumerate(lines):
            ends = last if at == len(lines) - 1 else []
            height = _height([*line, *ends])
            placed += _row(line, 0, top, height) + _row(ends, width - _width(ends), top, height)
            top += height + _GAP
        for line in tails:
            height = _height(line)
            placed += _row(line, max(width - _width(line), 0), top, height)
            top += height + _GAP
        return placed

    @staticmethod
    def _shown(widgets: Sequence[QWidget]) -> list[QWidget]:
        return [each for each in widgets if not each.isHidden()]


def _lines(widgets: Sequence[QWidget], width: int) -> list[list[QWidget]]:
    lines: list[list[QWidget]] = []
    for widget in widgets:
        if lines and _width([*lines[-1], widget]) <= width:
            lines[-1].append(widget)
        else:
            lines.append([widget])
    return lines


def _width(widgets: Sequence[QWidget]) -> int:
    return sum(each.sizeHint().width() + _GAP for each in widgets) - _GAP if widgets else 0


def _height(widgets: Sequence[QWidget]) -> int:
    return max(each.sizeHint().height() for each in widgets)


def _row(
    widgets: Sequence[QWidget], left: int, top: int, height: int
) -> list[tuple[QWidget, QRect]]:
    placed = []
    for widget in widgets:
        size = widget.sizeHint()
        corner = QPoint(left, top + (height - size.height()) // 2)
        placed.append((widget, QRect(corner, size)))
        left += size.width() + _GAP
    return placed
