"""`About`: name, version, licence, and that medview is not cleared for diagnosis."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from medview.view.parts import button, label, rule

NOT_CLEARED = (
    "medview is not cleared for diagnosis or treatment. It is software for research and teaching; "
    "what it shows and what its models find must not guide the care of a patient."
)


class About(QDialog):
    """Facts about the application.

    Parameters
    ----------
    version : str
    facts : tuple of (name, value)
        E.g. versions of libraries, the device.
    """

    def __init__(
        self,
        version: str,
        facts: tuple[tuple[str, str], ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("About medview")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(460)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addWidget(label("medview", "headline"))
        column.addWidget(label(f"Version {version}   Apache-2.0", "muted"))
        column.addWidget(label(NOT_CLEARED, "doubt", wrap=True))
        if facts:
            column.addWidget(rule())
            form = QFormLayout()
            form.setHorizontalSpacing(16)
            for name, value in facts:
                text = label(value, wrap=True)
                text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                form.addRow(label(name, "muted"), text)
            column.addLayout(form)
        row = QHBoxLayout()
        row.addStretch()
        close = button("Close", self.close, kind="primary")
        row.addWidget(close)
        column.addLayout(row)
        close.setFocus()
