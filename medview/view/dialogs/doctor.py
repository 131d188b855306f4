"""`DoctorDialog`: why a model does not work, and what can be done about it. Not modal.

Signals
-------
examine_requested(), repair_requested(): either is followed by new rows
closed()

Setters
-------
set_host(tuple[DoctorLine, ...]), set_rows(tuple[DoctorRow, ...]), set_report(str)
set_busy(str): what is being done; empty when it is done
set_outcome(str, is_bad): a sentence at the end
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from medview.view.dialogs.doctor_rows import DoctorLine, DoctorRow
from medview.view.parts import (
    ElidedLabel,
    breakable,
    button,
    card,
    clear,
    icon_label,
    label,
    rule,
    scroll_column,
    set_role,
)

_NAME_WIDTH = 120


class DoctorDialog(QDialog):
    """A card for each package; what is wrong comes first."""

    examine_requested = Signal()
    repair_requested = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Doctor")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(680, 680)
        self.setMinimumWidth(480)
        self._report = ""
        self.rows: tuple[DoctorRow, ...] = ()
        self._cards: dict[DoctorRow, QWidget] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 20, 16, 16)
        outer.setSpacing(12)
        head = QVBoxLayout()
        head.setContentsMargins(8, 0, 8, 0)
        head.setSpacing(8)
        head.addWidget(label("Doctor", "headline"))
        self._host = QVBoxLayout()
        head.addLayout(self._host)
        outer.addLayout(head)
        area, self._column = scroll_column(self)
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        area.setAccessibleName("What was found")
        outer.addWidget(area, 1)
        self._outcome = label("", wrap=True)
        self._outcome.setContentsMargins(8, 0, 8, 0)
        outer.addWidget(self._outcome)
        outer.addWidget(self._make_busy())
        outer.addWidget(rule())
        outer.addLayout(self._make_foot())
        self.finished.connect(lambda _: self.closed.emit())
        self.set_busy("")
        self.set_outcome("")

    def set_host(self, lines: Sequence[DoctorLine]) -> None:
        """Show facts of the computer and the application."""
        clear(self._host)
        self._host.addWidget(_lines(lines))

    def set_rows(self, rows: tuple[DoctorRow, ...]) -> None:
        """Show what was found so far."""
        self.rows = rows
        for gone in self._cards.keys() - set(rows):
            old = self._cards.pop(gone)
            old.hide()
            old.deleteLater()
        for at, row in enumerate(rows):
            # Packages come one by one; cards that are there already are not made again.
            if row not in self._cards:
                self._cards[row] = _package(row)
            if self._column.indexOf(self._cards[row]) != at:
                self._column.insertWidget(at, self._cards[row])

    def set_report(self, report: str) -> None:
        """Take the text that Copy report copies; empty while there is none."""
        self._report = report
        self.copy_button.setText("Copy report")
        self.copy_button.setEnabled(bool(report))

    def set_busy(self, words: str) -> None:
        """Show what is being done."""
        self._busy.setText(words)
        self._busy_box.setVisible(bool(words))
        for each in (self.examine_button, self.repair_button):
            each.setEnabled(not words)

    @property
    def is_busy(self) -> bool:
        """Whether something is being done."""
        return not self._busy_box.isHidden()

    def set_outcome(self, words: str, *, is_bad: bool = False) -> None:
        """Say in a sentence how it ended; empty for nothing."""
        self._outcome.setText(breakable(words))
        self._outcome.setVisible(bool(words))
        set_role(self._outcome, "bad" if is_bad else "good")

    @property
    def outcome(self) -> str:
        """How it ended."""
        return self._outcome.text()

    def _make_busy(self) -> QWidget:
        self._busy_box = QWidget()
        column = QVBoxLayout(self._busy_box)
        column.setContentsMargins(8, 0, 8, 0)
        self._busy = ElidedLabel("", "muted")
        bar = QProgressBar()
        bar.setTextVisible(False)
        bar.setRange(0, 0)
        column.addWidget(self._busy)
        column.addWidget(bar)
        return self._busy_box

    def _make_foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.setContentsMargins(8, 0, 8, 0)
        self.examine_button = button("Examine again", self._examine, icon_name="refresh")
        self.repair_button = button("Repair", self._repair, icon_name="doctor")
        self.repair_button.setToolTip(
            "Removes what broken-off installations have left, and asks every model anew what it is."
        )
        self.copy_button = button("Copy report", self._copy, icon_name="copy")
        self.close_button = button("Close", self.close, kind="primary")
        for each in (self.examine_button, self.repair_button, self.copy_button):
            row.addWidget(each)
        row.addStretch()
        row.addWidget(self.close_button)
        self.close_button.setFocus()
        return row

    def _examine(self) -> None:
        self.examine_requested.emit()

    def _repair(self) -> None:
        self.repair_requested.emit()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self.copy_button.setText("Copied")


def _package(row: DoctorRow) -> QWidget:
    frame, column = card()
    head = QHBoxLayout()
    head.setSpacing(8)
    sign = ("done", "#3fa06a") if row.is_sound else ("error", "#d9584a")
    head.addWidget(icon_label(*sign), 0, Qt.AlignmentFlag.AlignTop)
    head.addWidget(label(breakable(row.title), "title", wrap=True), 1)
    head.addWidget(label(row.verdict, "good" if row.is_sound else "bad"))
    column.addLayout(head)
    column.addWidget(_lines(row.lines))
    if row.versions:
        versions = label(row.versions, "muted", wrap=True)
        versions.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        versions.hide()
        toggle = button("Show versions", lambda: _fold(versions, toggle), kind="link")
        toggle.setAccessibleName(f"Show versions: {row.title}")
        line = QHBoxLayout()
        line.addWidget(toggle)
        line.addStretch()
        column.addLayout(line)
        column.addWidget(versions)
    return frame


def _fold(words: QWidget, toggle: QPushButton) -> None:
    words.setVisible(words.isHidden())
    toggle.setText("Show versions" if words.isHidden() else "Hide versions")


def _lines(lines: Sequence[DoctorLine]) -> QWidget:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(4)
    grid.setColumnMinimumWidth(0, _NAME_WIDTH)
    grid.setColumnStretch(1, 1)
    top = Qt.AlignmentFlag.AlignTop
    for at, line in enumerate(lines):
        if not line.text:
            heading = label(line.name, "section")
            heading.setContentsMargins(0, 8, 0, 0)
            grid.addWidget(heading, at, 0, 1, 2)
            continue
        grid.addWidget(label(line.name, "muted"), at, 0, top)
        text = label(breakable(line.text), line.role, wrap=True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(text, at, 1, top)
    return box
