"""`ColourButton`: a swatch that opens a short menu of colours that most people can tell apart.

Signals
-------
chosen(tuple[int, int, int]): red, green, blue, 0..255 each

Setters
-------
set_colour(rgb)
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from medview.view.panels.finding_sections import swatch

COLOURS: tuple[tuple[str, tuple[int, int, int]], ...] = (
    ("Sky blue", (86, 180, 233)),
    ("Yellow", (240, 228, 66)),
    ("Orange", (230, 159, 0)),
    ("Green", (0, 190, 140)),
    ("Vermilion", (226, 92, 32)),
    ("White", (255, 255, 255)),
)
"""After Okabe and Ito (2008), two of them lightened to stand out on black."""


class ColourButton(QToolButton):
    """Shows a colour and offers others."""

    chosen = Signal(object)

    def __init__(self, of: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("colourButton")
        self.setAutoRaise(True)
        self.setIconSize(QSize(16, 16))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip("Colour")
        self.setAccessibleName(f"Colour of {of}")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        for name, rgb in COLOURS:
            action = menu.addAction(swatch(rgb), name)
            action.setIconVisibleInMenu(True)
            action.triggered.connect(lambda _=False, rgb=rgb: self.chosen.emit(rgb))
        self.setMenu(menu)

    def set_colour(self, rgb: tuple[int, int, int]) -> None:
        """Show another colour."""
        self.setIcon(swatch(rgb))
