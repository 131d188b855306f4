"""`ErrorReport`: a sentence on what happened, and the details to copy.

Signals
-------
copied()

Setters
-------
(constructor) title, sentence, advice, details
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from medview.view.icons import icon
from medview.view.parts import button, label
from medview.view.theme import tabular_font

_WIDTH = 520


class ErrorReport(QDialog):
    """Not modal: the images stay usable behind it.

    Parameters
    ----------
    title : str
        What it is about, e.g. "Lung segmentation failed".
    sentence : str
        What happened, to which thing, what to do.
    details : str
        The report for those who help, without patient data; empty for none.
    """

    copied = Signal()

    def __init__(
        self, title: str, sentence: str, details: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH)
        self._report = f"{title}\n{sentence}\n\n{details}".strip() + "\n"
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(16)
        top = QHBoxLayout()
        top.setSpacing(16)
        picture = QLabel()
        picture.setPixmap(icon("error", "#d9584a").pixmap(32, 32))
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(label(title, "title", wrap=True))
        text = label(sentence, wrap=True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.addWidget(text)
        top.addLayout(words, 1)
        column.addLayout(top)
        self.details = QPlainTextEdit(details)
        self.details.setReadOnly(True)
        self.details.setFont(tabular_font(self.font()))
        self.details.setMinimumHeight(200)
        self.details.setAccessibleName("Details")
        # It is opened by those who asked for details: no second step to them.
        self.details.setVisible(bool(details))
        column.addWidget(self.details)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.copy_button = button("Copy report", self._copy, icon_name="copy")
        self.close_button = button("Close", self.close, kind="primary")
        row.addWidget(self.copy_button)
        row.addStretch()
        row.addWidget(self.close_button)
        column.addLayout(row)
        self.close_button.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self.copy_button.setText("Copied")
        self.copied.emit()
