"""`LogPanel`: the session's messages, oldest first, with Copy and Clear.

Signals
-------
(none)

Setters
-------
append(str), clear()
"""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from medview.view.parts import button
from medview.view.theme import tabular_font

_MOST_LINES = 2000


class LogPanel(QWidget):
    """A read-only text that keeps its latest lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setMaximumBlockCount(_MOST_LINES)
        self.text.setFont(tabular_font(self.font()))
        self.text.setAccessibleName("Log")
        column.addWidget(self.text)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(button("Copy", self._copy, icon_name="copy", kind="quiet"))
        row.addWidget(button("Clear", self.text.clear, kind="quiet"))
        column.addLayout(row)

    def append(self, line: str) -> None:
        """Add a line at the end."""
        self.text.appendPlainText(line)

    def clear(self) -> None:
        """Forget all lines."""
        self.text.clear()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
