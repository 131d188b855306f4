"""`ParameterForm`: a form made from field records.

Signals
-------
changed(dict): all values by name, after an edit

Setters
-------
set_values(mapping), reset(); values() -> dict
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from medview.view.forms.editors import editor_for
from medview.view.forms.field import FieldRow, Value
from medview.view.parts import button, label


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
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(6)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for field in fields:
            caption = label(field.label or field.name, "muted")
            caption.setToolTip(field.help)
            caption.setBuddy(self.editors[field.name].widget)
            form.addRow(caption, self.editors[field.name].widget)
        column.addLayout(form)
        row = QHBoxLayout()
        row.addStretch()
        self._reset = button("Defaults", self.reset, kind="quiet", icon_name="reset")
        row.addWidget(self._reset)
        column.addLayout(row)
        self._reset.setEnabled(False)
        self._quiet = False

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
