"""`PreferencesDialog`: what a person may set once; every choice holds at once. Not modal.

Signals
-------
changed(PreferenceValues): after any choice

Setters
-------
set_values(PreferenceValues)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QGridLayout, QHBoxLayout, QVBoxLayout
from PySide6.QtWidgets import QWidget as Widget

from medview.view.forms.editors import Choice
from medview.view.parts import button, label

Words = tuple[str, str]
"""A value, and its words."""

THEMES: tuple[Words, ...] = (("dark", "Dark"), ("light", "Light"), ("system", "As the system"))
LEFT_BUTTON: tuple[Words, ...] = (
    ("window-left", "Window and level"),
    ("scroll-left", "Go through the slices"),
)
DEVICES: tuple[Words, ...] = (
    ("auto", "The fastest there is"),
    ("cpu", "Processor only"),
    ("cuda", "NVIDIA graphics card"),
    ("mps", "Apple graphics"),
)


@dataclass(frozen=True, slots=True)
class PreferenceValues:
    """What the dialog shows.

    Attributes
    ----------
    theme : {"dark", "light", "system"}
    left_button : {"window-left", "scroll-left"}
        What dragging with the left button does at first.
    show_identifiers : bool
        Whether corner text names the patient.
    device : str
        On which models run.
    reproducible : bool
        Equal input gives equal output, even if slower.
    """

    theme: str = "dark"
    left_button: str = "window-left"
    show_identifiers: bool = False
    device: str = "auto"
    reproducible: bool = False


class PreferencesDialog(QDialog):
    """Three short sections.

    Parameters
    ----------
    values : PreferenceValues
    """

    changed = Signal(object)

    def __init__(self, values: PreferenceValues, parent: Widget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(480)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 20, 24, 16)
        self._column.setSpacing(8)
        self.theme = self._choice(THEMES, "Theme")
        self.left_button = self._choice(LEFT_BUTTON, "Left button")
        self.identifiers = self._check("Name the patient in the views")
        self.device = self._choice(DEVICES, "Run on")
        self.reproducible = self._check("Give equal results on every run, even if slower")
        self._add("Appearance", ((self.theme, "Theme"),))
        self._add("Reading", ((self.left_button, "Left button at first"), (self.identifiers, "")))
        self._note("Saved pictures show the views as they are, with the name if they show it.")
        self._add("Models", ((self.device, "Run on"), (self.reproducible, "")))
        self._column.addSpacing(8)
        row = QHBoxLayout()
        row.addStretch()
        close = button("Close", self.close, kind="primary")
        row.addWidget(close)
        self._column.addLayout(row)
        self.set_values(values)
        self.theme.setFocus()

    def values(self) -> PreferenceValues:
        """What is chosen now."""
        return PreferenceValues(
            str(self.theme.currentData()),
            str(self.left_button.currentData()),
            self.identifiers.isChecked(),
            str(self.device.currentData()),
            self.reproducible.isChecked(),
        )

    def set_values(self, values: PreferenceValues) -> None:
        """Show other choices without telling them back."""
        for box, value in (
            (self.theme, values.theme),
            (self.left_button, values.left_button),
            (self.device, values.device),
        ):
            with QSignalBlocker(box):
                if box.findData(value) < 0:
                    # A value written by hand, such as one of several graphics cards.
                    box.addItem(value, value)
                box.setCurrentIndex(box.findData(value))
        for check, on in (
            (self.identifiers, values.show_identifiers),
            (self.reproducible, values.reproducible),
        ):
            with QSignalBlocker(check):
                check.setChecked(on)

    def _add(self, title: str, rows: Sequence[tuple[Widget, str]]) -> None:
        self._column.addSpacing(4)
        self._column.addWidget(label(title.upper(), "section"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnMinimumWidth(0, 140)
        grid.setColumnStretch(1, 1)
        for line, (widget, words) in enumerate(rows):
            if words:
                caption = label(words)
                caption.setBuddy(widget)
                grid.addWidget(caption, line, 0)
                grid.addWidget(widget, line, 1)
            else:
                grid.addWidget(widget, line, 0, 1, 2)
        self._column.addLayout(grid)

    def _note(self, words: str) -> None:
        self._column.addWidget(label(words, "muted", wrap=True))

    def _choice(self, choices: Sequence[Words], name: str) -> Choice:
        box = Choice()
        box.setAccessibleName(name)
        for value, words in choices:
            box.addItem(words, value)
        box.currentIndexChanged.connect(self._tell)
        return box

    def _check(self, words: str) -> QCheckBox:
        box = QCheckBox(words)
        box.toggled.connect(self._tell)
        return box

    def _tell(self, _value: object) -> None:
        self.changed.emit(self.values())
