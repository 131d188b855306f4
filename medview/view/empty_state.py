"""`EmptyState`: what fills the middle while nothing is open: drop zone, buttons, recent items.

Signals
-------
open_folder_requested(), open_files_requested(), sample_requested(), recent_chosen(str id)

Setters
-------
set_recents(tuple[RecentRow, ...]), set_hot(bool), set_busy(str)
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from medview.view.icons import icon
from medview.view.parts import button, clear, label, restyle


@dataclass(frozen=True, slots=True)
class RecentRow:
    """Something that was open before: `id` comes back in the signal."""

    id: str
    title: str
    detail: str = ""


class EmptyState(QWidget):
    """Offers the ways in."""

    open_folder_requested = Signal()
    open_files_requested = Signal()
    sample_requested = Signal()
    recent_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("emptyState")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(48, 32, 48, 32)
        outer.addStretch(2)
        outer.addWidget(self._make_zone())
        outer.addSpacing(16)
        self._recents = QVBoxLayout()
        self._recents.setSpacing(2)
        outer.addLayout(self._recents)
        outer.addStretch(3)
        self._note = label("Not cleared for diagnosis.", "muted")
        self._note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        outer.addWidget(self._note)

    def set_recents(self, rows: tuple[RecentRow, ...]) -> None:
        """Show what was open before; nothing at all when there is nothing."""
        clear(self._recents)
        if not rows:
            return
        self._recents.addWidget(label("RECENT", "section"))
        for row in rows[:6]:
            text = f"{row.title}   {row.detail}" if row.detail else row.title
            shown = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, 640)
            entry = button(
                shown.replace("&", "&&"),
                lambda chosen=row.id: self.recent_chosen.emit(chosen),  # type: ignore[misc]
                kind="link",
                icon_name="recent",
            )
            entry.setAccessibleName(f"Open {row.title}")
            self._recents.addWidget(entry)

    def set_hot(self, hot: bool) -> None:
        """Light up while something hovers that can be dropped."""
        self._zone.setProperty("hot", hot)
        restyle(self._zone)

    @property
    def is_hot(self) -> bool:
        """Whether the drop zone is lit."""
        return bool(self._zone.property("hot"))

    def set_busy(self, text: str) -> None:
        """Say what is being opened instead of the invitation; empty brings that back."""
        self._headline.setText(text or _INVITATION)

    def _make_zone(self) -> QFrame:
        self._zone = QFrame()
        self._zone.setObjectName("dropZone")
        column = QVBoxLayout(self._zone)
        column.setContentsMargins(32, 36, 32, 36)
        column.setSpacing(8)
        picture = QLabel()
        picture.setPixmap(icon("open", "#6ca6e0").pixmap(56, 56))
        column.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        self._headline = label(_INVITATION, "headline", wrap=True)
        self._headline.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self._headline)
        lead = label(
            "Drop it anywhere in this window. Nothing is changed or sent.", "lead", wrap=True
        )
        lead.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(lead)
        column.addSpacing(16)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        self.open_button = button(
            "Open folder", self.open_folder_requested.emit, kind="primary", icon_name="open"
        )
        self.files_button = button(
            "Open files", self.open_files_requested.emit, icon_name="open-file"
        )
        self.sample_button = button(
            "Open sample study", self.sample_requested.emit, icon_name="sample"
        )
        for each in (self.open_button, self.files_button, self.sample_button):
            row.addWidget(each)
        row.addStretch()
        column.addLayout(row)
        return self._zone


_INVITATION = "Drop a folder, DICOM files,\na NIfTI or a photograph"
