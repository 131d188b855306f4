"""`NumberField`: shows a number as it was typed, and says what is wrong with it.

Signals
-------
edited(): after every key that changed it

Setters
-------
set_number(number); problem, number()
"""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLineEdit

from medview.view.forms.limits import Limits, decimal_of, parsed
from medview.view.parts import restyle

_STEPS = {
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_PageUp: 10,
    Qt.Key.Key_PageDown: -10,
}
_INSET = 8
_DIGITS = 5


class NumberField(QLineEdit):
    """A line, not a spin box: that drops the keys that would lead over a limit.

    What was typed stays, and is marked where it is wrong. Steps by the arrow keys end at
    the limits; the wheel belongs to the panel.

    Parameters
    ----------
    limits : Limits
    decimals : int
        Digits after the point that are shown at least.
    step : Decimal
        Of one press of an arrow key.
    """

    edited = Signal()

    def __init__(self, limits: Limits, *, decimals: int = 0, step: Decimal = Decimal(1)) -> None:
        super().__init__()
        self.limits = limits
        self._decimals = decimals
        self._step = step
        self.setPlaceholderText(limits.words)
        self.textEdited.connect(self._on_edit)

    @property
    def problem(self) -> str:
        """What is wrong with what stands there; empty for nothing."""
        return self.limits.problem_of(self.text())

    def number(self) -> Decimal | None:
        """What stands there; None where it is no number."""
        return parsed(self.text())

    def set_number(self, number: float) -> None:
        """Show a number, or the nearest that is allowed."""
        self._show(self.limits.nearest(decimal_of(number)))
        self._mark()

    def minimumSizeHint(self) -> QSize:
        """Room for each of its limits, and some digits, with the unit."""
        limits = (self.limits.low, self.limits.high)
        digits = max([_DIGITS, *(len(f"{limit:g}") for limit in limits if limit is not None)])
        letters = self.fontMetrics()
        wide = digits * letters.horizontalAdvance("0") + letters.horizontalAdvance(self.limits.unit)
        return QSize(wide + 6 * _INSET, super().minimumSizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step by the arrow keys."""
        steps = _STEPS.get(Qt.Key(event.key()))
        number = self.number()
        if steps is None or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            super().keyPressEvent(event)
        elif number is not None:
            self._show(self.limits.nearest(number + steps * self._step))
            self._on_edit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line, then the unit at its end."""
        super().paintEvent(event)
        unit = self.limits.unit
        if unit:
            painter = QPainter(self)
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            place = self.rect().adjusted(0, 0, -2 * _INSET, 0)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            # Typed text goes before the unit; both together are wider than some panels.
            room = place.width() - self.fontMetrics().horizontalAdvance(self.text()) - 4 * _INSET
            if self.fontMetrics().horizontalAdvance(unit) <= room:
                painter.drawText(place, int(right), unit)

    def _show(self, number: Decimal) -> None:
        digits = max(self._decimals, -int(number.normalize().as_tuple().exponent))
        self.setText(f"{number:.{digits}f}")

    def _on_edit(self) -> None:
        self._mark()
        self.edited.emit()

    def _mark(self) -> None:
        wrong = bool(self.problem)
        if self.property("wrong") != wrong:
            self.setProperty("wrong", wrong)
            restyle(self)
        self.setAccessibleDescription(self.problem or self.limits.words)
