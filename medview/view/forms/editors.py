"""Editors of single fields: each knows its widget, its value and when it changed."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from medview.view.forms.field import FieldRow, Value
from medview.view.forms.limits import Limits
from medview.view.forms.number_field import NumberField
from medview.view.icons import icon


class Editor:
    """A widget with a typed value.

    Attributes
    ----------
    widget : QWidget
    """

    def __init__(
        self,
        widget: QWidget,
        get: Callable[[], Value],
        put: Callable[[Value], None],
        problem: Callable[[], str] = lambda: "",
    ) -> None:
        self.widget = widget
        self._get = get
        self._put = put
        self._problem = problem

    @property
    def problem(self) -> str:
        """What is wrong with what was typed, e.g. "must be at most 9"; empty for nothing."""
        return self._problem()

    def value(self) -> Value:
        """The value now, of the field's kind; the text itself where that is none."""
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
    editor.widget.setToolTip(tip_of(field))
    editor.set_value(field.default)
    return editor


def tip_of(field: FieldRow) -> str:
    """What a field is for, and what it may be."""
    limits = Limits(field.low, field.high, unit=field.unit).words
    return "\n".join(text for text in (field.help, limits[:1].upper() + limits[1:]) if text)


def _bool_editor(field: FieldRow, changed: Callable[[], None]) -> Editor:
    box = QCheckBox()
    box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    box.toggled.connect(lambda _on: changed())
    return Editor(box, box.isChecked, lambda v: box.setChecked(bool(v)))


def _int_editor(field: FieldRow, changed: Callable[[], None]) -> Editor:
    return _number_editor(NumberField(Limits(field.low, field.high, True, field.unit)), changed)


def _float_editor(field: FieldRow, changed: Callable[[], None]) -> Editor:
    limits = tuple(v for v in (field.low, field.high) if v is not None)
    default = float(field.default)
    span = limits[1] - limits[0] if len(limits) == 2 else abs(default) * 10
    decimals = _decimals(span or 1.0, (default, *limits))
    box = NumberField(
        Limits(field.low, field.high, unit=field.unit),
        decimals=decimals,
        step=Decimal(1).scaleb(-max(decimals - 1, 0)),
    )
    return _number_editor(box, changed)


def _number_editor(box: NumberField, changed: Callable[[], None]) -> Editor:
    def value() -> Value:
        number = box.number()
        if number is None or box.problem:
            return box.text()
        return int(number) if box.limits.whole else float(number)

    box.edited.connect(changed)
    return Editor(box, value, lambda v: box.set_number(float(v)), lambda: box.problem)


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
