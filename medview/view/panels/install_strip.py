"""`InstallStrip`: an installation while it goes on: what, how far, Cancel.

Signals
-------
cancel_requested()

Setters
-------
set_title(str): empty hides the strip
set_progress(fraction or None, stage)
set_cancelling()
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from medview.view.parts import ElidedLabel, button, card

_STEPS = 1000


class InstallStrip(QWidget):
    """A card at the top of the models panel."""

    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 8, 8, 0)
        frame, column = card()
        frame.setProperty("running", True)
        outer.addWidget(frame)
        self._title = ElidedLabel("", "title")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._stage = ElidedLabel("", "muted")
        self.cancel_button = button("Cancel", self._cancel, kind="quiet")
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._stage, 1)
        foot.addWidget(self.cancel_button)
        column.addWidget(self._title)
        column.addWidget(self._bar)
        column.addLayout(foot)
        self.hide()

    @property
    def stage(self) -> str:
        """The stage that is shown."""
        return self._stage.text()

    def set_title(self, title: str) -> None:
        """Show an installation from its beginning; empty when there is none any more."""
        self._title.setText(title)
        self.setAccessibleName(title)
        self.cancel_button.setEnabled(True)
        self.cancel_button.setAccessibleName(f"Cancel: {title}")
        self.set_progress(None, "")
        self.setVisible(bool(title))

    def set_progress(self, fraction: float | None, stage: str) -> None:
        """Show how far it is."""
        # A range of nothing is how Qt shows that something moves at an unknown pace.
        self._bar.setRange(0, 0 if fraction is None else _STEPS)
        if fraction is not None:
            self._bar.setValue(round(fraction * _STEPS))
        if stage:
            self._stage.setText(stage)

    def set_cancelling(self) -> None:
        """Show that it was asked to stop."""
        self.cancel_button.setEnabled(False)
        self._stage.setText("Cancelling")

    def _cancel(self) -> None:
        self.cancel_requested.emit()
