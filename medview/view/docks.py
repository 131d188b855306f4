"""Docks with a quiet title: a name in small capitals, a float and a close button."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QWidget

from medview.view.parts import icon_button, label


class Dock(QDockWidget):
    """Holds one panel; closes, floats and stacks.

    Parameters
    ----------
    name : str
        Shown, and the base of the object name by which its place is remembered.
    content : QWidget
    width : int
        Width it starts with, in logical pixels.
    heading : QWidget, optional
        Takes the place of the name, e.g. tabs.
    """

    def __init__(
        self,
        name: str,
        content: QWidget,
        width: int,
        parent: QWidget,
        heading: QWidget | None = None,
    ) -> None:
        super().__init__(name, parent)
        self.setObjectName(f"dock.{name.lower()}")
        self._width = width
        self.setMinimumWidth(200)
        self.setWidget(content)
        self.setTitleBarWidget(self._make_title(name, heading or _heading(name)))

    def sizeHint(self) -> QSize:
        """Start with the width that was asked for."""
        return QSize(self._width, super().sizeHint().height())

    def _make_title(self, name: str, heading: QWidget) -> QWidget:
        bar = QWidget()
        bar.setObjectName("dockTitle")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(12, 3, 4, 3)
        row.setSpacing(0)
        # Not a fixed height of the bar: the dock reserves what the layout asks for.
        heading.setMinimumHeight(28)
        row.addWidget(heading, 1)
        row.addWidget(icon_button("float", f"Float {name}", self._toggle_float, px=14))
        row.addWidget(icon_button("close", f"Close {name}", self.close_dock, px=14))
        return bar

    def close_dock(self) -> None:
        """Close it; the Window menu and F9 / F10 bring it back."""
        self.close()

    def _toggle_float(self) -> None:
        self.setFloating(not self.isFloating())


def _heading(name: str) -> QWidget:
    text = label(name.upper())
    text.setObjectName("dockTitleText")
    return text
