"""Editors of single fields: each knows its widget, its value and when it changed."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from medview.view.forms.field import FieldRow, Value
from medview.view.icons import icon

_INT_LIMIT = 2**31 - 1
_FLOAT_LIMIT = 1e12


class Editor:
    """A widget with a typed value.

    Attributes
    ----------
    widget : QWidget
    """

    def __init__(
        self, widget: QWidget, get: Callable[[], Value], put: Callable[[Value], None]
    ) -> None:
        self.widget = widget
        self._get = get
        self._put = put

    def value(self) -> Value:
        """The value now, of the field's kind."""
        return self._get()

    def set_value(self, value: Value) -> None:
        """Show another value."""
        self._put(value)


def editor_for(field: FieldRow, changed: Callable[[], None]) -> Editor:
    """The editor that fits a field; `changed` is called after every edit."""
    make = {
        "bool": _bool_editor,
        "int": _int_editor,
        "float": _float_editor,
        "text": _text_editor,
        "choice": _choice_editor,
    }[field.kind]
    editor = make(field, changed)
    editor.widget.setAccessibleName(field.label or field.name)
    editor.widget.setToolTip(field.help)
    editor.set_value(field.default)
    return editor


def _bool_editor(field: FieldRow, changed: Callable[[], None]) -> Editor:
    box = QCheckBox()
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    box.toggled.connect(lambda _on: changed())
    return Editor(box, box.isChecked, lambda v: box.setChecked(bool(v)))


def _int_editor(field: FieldRow, changed: Callable[[], None]) -> Editor:
    spin = QSpinBox()
    low = -_INT_LIMIT if field.low is None else math.ceil(field.low)
    high = _INT_LIMIT if field.high is None else math.floor(field.high)
    spin.setRange(low, high)
    _dress(spin)
    spin.setSuffix(f" {field.unit}" if field.unit else "")
    spin.valueChanged.connect(lambda _v: changed())
    return Editor(spin, spin.value, lambda v: spin.setValue(int(v)))


def _float_editor(field: FieldRow, changed: Callable[[], None]) -> Editor:
    spin = QDoubleSpinBox()
    low = -_FLOAT_LIMIT if field.low is None else field.low
    high = _FLOAT_LIMIT if field.high is None else field.high
    default = float(field.default)
    span = high - low if field.low is not None and field.high is not None else abs(default) * 10
    decimals = _decimals(
        span or 1.0, (default, *(v for v in (field.low, field.high) if v is not None))
    )
    # Decimals first: a range is rounded to them when it is set.
    spin.setDecimals(decimals)
    spin.setRange(low, high)
    spin.setSingleStep(10.0 ** -max(decimals - 1, 0))
    _dress(spin)
    spin.setSuffix(f" {field.unit}" if field.unit else "")
    spin.valueChanged.connect(lambda _v: changed())
    return Editor(spin, spin.value, lambda v: spin.setValue(float(v)))


def _text_editor(field: FieldRow, changed: Callable[[], None]) -> Editor:
    line = QLineEdit()
    line.textEdited.connect(lambda _text: changed())
    return Editor(line, line.text, lambda v: line.setText(str(v)))


def _choice_editor(field: FieldRow, changed: Callable[[], None]) -> Editor:
    box = Choice()
    box.addItems(list(field.choices))
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    box.installEventFilter(_IgnoresWheel(box))
    box.currentIndexChanged.connect(lambda _i: changed())
    return Editor(box, box.currentText, lambda v: box.setCurrentText(str(v)))


def _decimals(span: float, values: tuple[float, ...]) -> int:
    """Digits after the point that show a thousandth of the span and every given value exactly."""
    need = max(0, 2 - math.floor(math.log10(span)))
    for value in values:
        text = f"{value:.8f}".rstrip("0")
        need = max(need, len(text.partition(".")[2]))
    return min(need, 8)


def _dress(spin: QAbstractSpinBox) -> None:
    spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    spin.setCorrectionMode(QAbstractSpinBox.CorrectionMode.CorrectToNearestValue)
    spin.lineEdit().setTextMargins(8, 0, 8, 0)
    spin.installEventFilter(_IgnoresWheel(spin))


class Choice(QComboBox):
    """A combo box with the icons' own arrow; the style's would be a raised button."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box, then the arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        place = QRect(self.width() - 22, (self.height() - 14) // 2, 14, 14)
        icon("collapse").paint(painter, place)


class _IgnoresWheel(QObject):
    """Lets the panel scroll instead of changing a value that merely passes under the pointer."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Refuse wheel events."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)
