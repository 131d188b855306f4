"""Small building blocks, styled by the sheet: labels with a role, buttons with a kind, cards."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from medview.view.icons import ICON_PX, icon

Role = Literal[
    "text", "title", "section", "muted", "good", "doubt", "bad", "demo", "headline", "lead"
]
Kind = Literal["normal", "primary", "quiet", "link"]

_PIECE = 16
_LONG_WORD = re.compile(r"\S{25,}")


def label(text: str = "", role: Role = "text", *, wrap: bool = False) -> QLabel:
    """A line of plain text (markup in names of patients or models stays what it is: text)."""
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setWordWrap(wrap)
    set_role(result, role)
    return result


def breakable(text: str) -> str:
    """The text with places to break in words that are wider than a narrow panel, such as hashes."""
    return _LONG_WORD.sub(lambda found: "\N{ZERO WIDTH SPACE}".join(_pieces(found[0])), text)


def _pieces(word: str) -> list[str]:
    return [word[at : at + _PIECE] for at in range(0, len(word), _PIECE)]


def set_role(widget: QWidget, role: Role) -> None:
    """Let the style sheet colour `widget` by its role."""
    widget.setProperty("role", role)
    restyle(widget)


def restyle(widget: QWidget) -> None:
    """Apply the style sheet anew after a property that it selects by has changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def button(
    text: str, clicked: Callable[[], object], *, kind: Kind = "normal", icon_name: str = ""
) -> QPushButton:
    """A button that takes the keyboard by Tab, not by click: keys stay with the view being read."""
    result = _Button(text)
    result.setProperty("kind", kind)
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    result.setAutoDefault(False)
    if icon_name:
        result.setIcon(icon(icon_name, "#ffffff" if kind == "primary" else None))
        # Wider than tall: the room beside the picture keeps it off the words.
        result.setIconSize(QSize(24, 16))
    result.clicked.connect(lambda _=False: clicked())
    return result


class _Button(QPushButton):
    """In a dialog, Return presses it while it has the focus, as Space does.

    Qt does so for default buttons alone, and of those one takes Return from the whole dialog.
    """

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press it by Return in a dialog; in the window that key may be a command."""
        is_return = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_return and isinstance(self.window(), QDialog):
            self.click()
        else:
            super().keyPressEvent(event)


def icon_button(name: str, tip: str, clicked: Callable[[], object], *, px: int = 16) -> QToolButton:
    """A flat button with only an icon; `tip` is also its name for screen readers."""
    result = QToolButton()
    result.setIcon(icon(name))
    result.setIconSize(QSize(px, px))
    result.setToolTip(tip)
    result.setAccessibleName(tip)
    result.setAutoRaise(True)
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    result.clicked.connect(lambda _=False: clicked())
    return result


def icon_label(name: str, colour: str | None = None, px: int = 20) -> QLabel:
    """A picture beside words."""
    result = QLabel()
    result.setPixmap(icon(name, colour).pixmap(px, px))
    return result


def rule() -> QFrame:
    """A thin horizontal line."""
    line = QFrame()
    line.setObjectName("rule")
    return line


def card() -> tuple[QFrame, QVBoxLayout]:
    """A raised box with rounded corners, and the column inside it."""
    frame = QFrame()
    frame.setObjectName("card")
    column = QVBoxLayout(frame)
    column.setContentsMargins(12, 10, 12, 10)
    column.setSpacing(6)
    return frame, column


def scroll_column(parent: QWidget) -> tuple[QScrollArea, QVBoxLayout]:
    """A column that scrolls when it grows too tall; it never scrolls sideways."""
    area = QScrollArea(parent)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    content = _Content()
    content.setObjectName("scrollContent")
    outer = QVBoxLayout(content)
    outer.setContentsMargins(0, 0, 0, 0)
    column = QVBoxLayout()
    column.setContentsMargins(8, 8, 8, 8)
    column.setSpacing(8)
    outer.addLayout(column)
    # No alignment: it would give wrapped words the height that they have in a wide panel.
    outer.addStretch(1)
    area.setWidget(content)
    area.viewport().setAutoFillBackground(False)
    return area, column


class _Content(QWidget):
    """What scrolls: as wide as its area, so that nothing lies where it cannot scroll to."""

    def minimumSizeHint(self) -> QSize:
        """Whatever width there is."""
        return QSize(0, super().minimumSizeHint().height())


def clear(column: QVBoxLayout) -> None:
    """Take all widgets out of a column."""
    while column.count():
        item = column.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            # Hidden at once: deletion waits for the event loop; generations must not overlap.
            widget.hide()
            widget.deleteLater()


def icon_size() -> QSize:
    """The size of icons in bars."""
    return QSize(ICON_PX, ICON_PX)


class ElidedLabel(QLabel):
    """One line that ends in an ellipsis where the room ends; the whole text is its tool tip."""

    def __init__(self, text: str = "", role: Role = "text") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(24)
        set_role(self, role)
        self.setToolTip(text)

    def setText(self, text: str) -> None:
        """Show another text."""
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits."""
        painter = QPainter(self)
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width()
        )
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), int(self.alignment()), shown)
