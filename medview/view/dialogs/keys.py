"""`Keys`: what the mouse and the keys do, to look up while reading; not modal.

Setters
-------
(constructor) sections of (title, rows of (key, what it does))
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from medview.view.parts import button, label, scroll_column

_KEY_WIDTH = 160

Section = tuple[str, Sequence[tuple[str, str]]]


class Keys(QDialog):
    """A scrolling list in sections.

    Parameters
    ----------
    sections : sequence of (title, rows)
    """

    def __init__(self, sections: Sequence[Section], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Mouse and keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(460, 640)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 8, 8, 16)
        area, column = scroll_column(self)
        outer.addWidget(area, 1)
        for title, rows in sections:
            column.addWidget(label(title.upper(), "section"))
            grid = QGridLayout()
            grid.setHorizontalSpacing(24)
            grid.setColumnStretch(1, 1)
            grid.setColumnMinimumWidth(0, _KEY_WIDTH)
            for line, (key, words) in enumerate(rows):
                grid.addWidget(label(key, "muted"), line, 0)
                grid.addWidget(label(words, wrap=True), line, 1)
            column.addLayout(grid)
        row = QHBoxLayout()
        row.setContentsMargins(16, 0, 16, 0)
        row.addStretch()
        close = button("Close", self.close, kind="primary")
        row.addWidget(close)
        outer.addLayout(row)
        close.setFocus()
