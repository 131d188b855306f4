"""`ParameterForm`: a form made from field records.

Signals
-------
changed(dict): all values by name, after an edit

Setters
-------
set_values(mapping), reset(); values() -> dict; problem: why they cannot be used
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from medview.view.forms.editors import editor_for, tip_of
from medview.view.forms.field import FieldRow, Value
from medview.view.parts import button, label, set_role


class ParameterForm(QWidget):
    """One row per field, in their order, with a way back to the defaults."""

    changed = Signal(object)

    def __init__(self, fields: tuple[FieldRow, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields = fields
        # Editors tell of a change while they take their defaults.
        self._quiet = True
        self.editors = {field.name: editor_for(field, self._on_edit) for field in fields}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        self._rows = form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(6)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._problems = {field.name: label("", "bad", wrap=True) for field in fields}
        for field in fields:
            editor = self.editors[field.name].widget
            caption = _Caption(field.label or field.name, editor)
            caption.setToolTip(tip_of(field))
            form.addRow(caption, editor)
            form.addRow(self._problems[field.name])
        column.addLayout(form)
        row = QHBoxLayout()
        row.addStretch()
        self._reset = button("Defaults", self.reset, kind="quiet", icon_name="reset")
        row.addWidget(self._reset)
        column.addLayout(row)
        self._mark()
        self._quiet = False

    @property
    def problem(self) -> str:
        """What is wrong with the first field that is, in a sentence; empty for nothing."""
        for field in self._fields:
            problem = self.editors[field.name].problem
            if problem:
                return f"{field.label or field.name} {problem}."
        return ""

    def values(self) -> dict[str, Value]:
        """Values by name, typed as the fields say."""
        return {name: editor.value() for name, editor in self.editors.items()}

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Show other values; unknown names are left out; tells nothing back."""
        self._quiet = True
        for name, value in values.items():
            if name in self.editors:
                self.editors[name].set_value(value)
        self._quiet = False
        self._mark()

    def reset(self) -> None:
        """Go back to the defaults."""
        self.set_values({field.name: field.default for field in self._fields})
        self._on_edit()

    def _on_edit(self) -> None:
        if not self._quiet:
            self._mark()
            self.changed.emit(self.values())

    def _mark(self) -> None:
        defaults = {field.name: field.default for field in self._fields}
        self._reset.setEnabled(self.values() != defaults)
        for name, words in self._problems.items():
            problem = self.editors[name].problem
            words.setText(f"{problem[:1].upper()}{problem[1:]}." if problem else "")
            self._rows.setRowVisible(words, bool(problem))


class _Caption(QLabel):
    """Name of a field, just so tall that both stand on one line.

    A form gives a label beside a field up to 7/4 of the height it asks for.
    """

    def __init__(self, text: str, editor: QWidget) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._editor = editor
        self.setBuddy(editor)
        set_role(self, "muted")

    def sizeHint(self) -> QSize:
        """As wide as its words, and four sevenths of the field's height."""
        own, tall = super().sizeHint(), self._editor.sizeHint().height()
        return QSize(own.width(), max(own.height(), -(-tall * 4 // 7)))
