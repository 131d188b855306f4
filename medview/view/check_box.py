"""`CheckBox`: a check box whose box can be seen on dark cards too."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton


class CheckBox(QCheckBox):
    """The style's own box has the colour of the ground for an outline; this one has the text's."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it, then its outline."""
        super().paintEvent(event)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        element = QStyle.SubElement.SE_CheckBoxIndicator
        box = self.style().subElementRect(element, option, self)
        painter = QPainter(self)
        group = QPalette.ColorGroup.Normal if self.isEnabled() else QPalette.ColorGroup.Disabled
        painter.setPen(self.palette().color(group, QPalette.ColorRole.PlaceholderText))
        painter.drawRoundedRect(box.adjusted(0, 0, -1, -1), 2, 2)
