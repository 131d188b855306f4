"""`ConsentDialog`: what a package says of itself, and the question whether to install it.

Signals
-------
answered(bool): once; closing the dialog answers no

Setters
-------
(constructor) ConsentRows
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from medview.view.parts import breakable, button, card, icon_label, label, rule, scroll_column
from medview.view.theme import tabular_font

_WIDTH, _HEIGHT = 700, 680
# What lies above and below the scrolled part, and beside it.
_AROUND, _SIDES = 196, 48
_NAME_WIDTH = 128


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One line: what, the words, and whether they are a hash to compare."""

    name: str
    text: str
    is_hash: bool = False


@dataclass(frozen=True, slots=True)
class ConsentSection:
    """A model, or the package itself."""

    title: str
    lines: tuple[ConsentLine, ...]


@dataclass(frozen=True, slots=True)
class ConsentRows:
    """What the dialog shows.

    Attributes
    ----------
    title : str
        Name and version.
    change : str
        What becomes of the version that is installed; empty where there is none.
    warnings : tuple of str
        What a person should know, one sentence each.
    sections : tuple of ConsentSection
    question : str
    yes : str
        Words of the button that agrees.
    """

    title: str
    change: str
    warnings: tuple[str, ...]
    sections: tuple[ConsentSection, ...]
    question: str
    yes: str = "Install"


class ConsentDialog(QDialog):
    """Not modal; the careful answer has the focus."""

    answered = Signal(bool)

    def __init__(self, rows: ConsentRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(rows.question)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(420)
        self._agreed = False
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 20, 16, 16)
        outer.setSpacing(12)
        head = QVBoxLayout()
        head.setContentsMargins(8, 0, 8, 0)
        head.setSpacing(6)
        head.addWidget(label(breakable(rows.question), "headline", wrap=True))
        words = "This is what its files say. Nothing of it has run so far."
        head.addWidget(label(f"{words} {rows.change}".strip(), "muted", wrap=True))
        outer.addLayout(head)
        area, column = scroll_column(self)
        # It scrolls by the keyboard too.
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        area.setAccessibleName("What the package says of itself")
        outer.addWidget(area, 1)
        if rows.warnings:
            column.addWidget(_warnings(rows.warnings))
        for section in rows.sections:
            column.addWidget(self._section(section))
        outer.addWidget(rule())
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.setContentsMargins(8, 0, 8, 0)
        foot.addStretch()
        self.decline_button = button("Do not install", self.reject)
        self.agree_button = button(rows.yes, self._agree, kind="primary", icon_name="install")
        self.agree_button.setAccessibleName(f"{rows.yes}: {rows.title}")
        foot.addWidget(self.decline_button)
        foot.addWidget(self.agree_button)
        outer.addLayout(foot)
        self.resize(_WIDTH, min(_HEIGHT, _AROUND + column.heightForWidth(_WIDTH - _SIDES)))
        self.finished.connect(lambda _: self.answered.emit(self._agreed))
        self.decline_button.setFocus()

    def _agree(self) -> None:
        self._agreed = True
        self.accept()

    def _section(self, section: ConsentSection) -> QWidget:
        frame, column = card()
        column.addWidget(label(breakable(section.title), "title", wrap=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, _NAME_WIDTH)
        grid.setColumnStretch(1, 1)
        top = Qt.AlignmentFlag.AlignTop
        for at, line in enumerate(section.lines):
            grid.addWidget(label(line.name, "muted", wrap=True), at, 0, top)
            text = _hash(line.text) if line.is_hash else _words(line.text)
            text.setAccessibleName(f"{line.name}: {line.text}")
            grid.addWidget(text, at, 1, top)
        column.addLayout(grid)
        return frame


def _words(text: str) -> QWidget:
    words = label(breakable(text), wrap=True)
    words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return words


def _hash(text: str) -> QWidget:
    # A field, because it is copied whole and exact, however narrow the dialog is.
    field = QLineEdit(text)
    field.setObjectName("plainField")
    field.setReadOnly(True)
    # The text stands under the texts of the other lines.
    field.setTextMargins(-3, 0, 0, 0)
    field.setFont(tabular_font(field.font()))
    field.setCursorPosition(0)
    field.setToolTip(text)
    return field


def _warnings(sentences: tuple[str, ...]) -> QFrame:
    frame = QFrame()
    frame.setObjectName("notice")
    grid = QGridLayout(frame)
    grid.setContentsMargins(12, 10, 12, 10)
    grid.setHorizontalSpacing(10)
    grid.setColumnStretch(1, 1)
    for at, sentence in enumerate(sentences):
        grid.addWidget(icon_label("doubt"), at, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(breakable(sentence), wrap=True), at, 1)
    return frame
