"""`JobsBar`: what is running, in the status line: title, fraction, stage, time left, cancel.

Signals
-------
cancel_requested(str job id)

Setters
-------
set_jobs(tuple[JobRow, ...]): running ones first, then those waiting; empty hides the bar
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from medview.view.parts import ElidedLabel, button, clear, icon_button, label

_STEPS = 1000


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as the reader sees it.

    Attributes
    ----------
    id, title : str
    state : {"queued", "running", "cancelling"}
    fraction : float or None
        0..1; None while unknown.
    stage : str
        In words.
    detail : str
        E.g. device and memory in use.
    seconds_left : float or None
    """

    id: str
    title: str
    state: Literal["queued", "running", "cancelling"] = "running"
    fraction: float | None = None
    stage: str = ""
    detail: str = ""
    seconds_left: float | None = None


def time_left(seconds: float | None) -> str:
    """A time in words of a sensible coarseness; empty while unknown.

    Examples
    --------
    >>> time_left(8.2), time_left(200)
    ('about 8 s left', 'about 3 min left')
    """
    if seconds is None:
        return ""
    if seconds < 90:
        return f"about {max(round(seconds), 1)} s left"
    return f"about {round(seconds / 60)} min left"


class JobsBar(QWidget):
    """Shows the first job in full and the number of the others, which open in a list."""

    cancel_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[JobRow, ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(12)
        self._title = label("", "title")
        self._bar = _progress_bar()
        self._percent = label("")
        self._percent.setMinimumWidth(self.fontMetrics().horizontalAdvance("100 %"))
        self._words = ElidedLabel("", "muted")
        self._cancel = icon_button("cancel", "Cancel", self._on_cancel)
        self.more_button = QPushButton()
        self.more_button.setProperty("kind", "quiet")
        self.more_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more_button.clicked.connect(self._open_list)
        for widget, stretch in (
            (self._title, 0),
            (self._bar, 0),
            (self._percent, 0),
            (self._words, 1),
            (self._cancel, 0),
            (self.more_button, 0),
        ):
            row.addWidget(widget, stretch)
        self.job_list = _JobList(self)
        self.job_list.cancel_requested.connect(self.cancel_requested)
        self._parts: tuple[QWidget, ...] = (
            self._title,
            self._bar,
            self._percent,
            self._words,
            self._cancel,
        )
        self.set_jobs(())

    @property
    def cancel_button(self) -> QToolButton:
        """The button that cancels the job shown."""
        return self._cancel

    def set_jobs(self, rows: tuple[JobRow, ...]) -> None:
        """Show these jobs."""
        self._rows = rows
        for part in self._parts:
            part.setVisible(bool(rows))
        self.more_button.setVisible(len(rows) > 1)
        self.job_list.set_jobs(rows)
        if not rows:
            return
        first = rows[0]
        self._title.setText(first.title)
        _show_fraction(self._bar, first)
        self._percent.setText("" if first.fraction is None else f"{first.fraction:.0%}"[:-1] + " %")
        self._words.setText(_words(first))
        self._cancel.setEnabled(first.state != "cancelling")
        self._cancel.setToolTip(f"Cancel {first.title}")
        self.more_button.setText(f"{len(rows) - 1} more")

    def _on_cancel(self) -> None:
        if self._rows:
            self.cancel_requested.emit(self._rows[0].id)

    def _open_list(self) -> None:
        self.job_list.adjustSize()
        above = self.more_button.mapToGlobal(QPoint(self.more_button.width(), 0))
        self.job_list.move(above - QPoint(self.job_list.width(), self.job_list.height() + 8))
        self.job_list.show()


class _JobList(QFrame):
    """All jobs in a small pop-up above the status line."""

    cancel_requested = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("palette")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 12, 12, 12)
        self.setMinimumWidth(420)
        self._ids: tuple[str, ...] = ()
        self._entries: dict[str, tuple[ElidedLabel, QProgressBar]] = {}

    def set_jobs(self, rows: tuple[JobRow, ...]) -> None:
        """Show all; widgets stay while the jobs are the same, so that a click is not lost."""
        ids = tuple(row.id for row in rows)
        if ids != self._ids:
            self._ids = ids
            self._entries = {}
            clear(self._column)
            for row in rows:
                self._column.addWidget(self._entry(row))
        for row in rows:
            words, bar = self._entries[row.id]
            words.setText(_words(row))
            _show_fraction(bar, row)
        if not rows:
            self.hide()

    def _entry(self, row: JobRow) -> QWidget:
        frame = QWidget()
        line = QHBoxLayout(frame)
        line.setContentsMargins(0, 4, 0, 4)
        column = QVBoxLayout()
        column.setSpacing(4)
        words, bar = ElidedLabel("", "muted"), _progress_bar()
        bar.setMaximumWidth(10_000)
        for widget in (label(row.title, "title"), bar, words):
            column.addWidget(widget)
        line.addLayout(column, 1)
        line.addWidget(button("Cancel", lambda: self.cancel_requested.emit(row.id), kind="quiet"))
        self._entries[row.id] = (words, bar)
        return frame


def _progress_bar() -> QProgressBar:
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setFixedHeight(6)
    bar.setMinimumWidth(120)
    bar.setMaximumWidth(220)
    return bar


def _show_fraction(bar: QProgressBar, row: JobRow) -> None:
    if row.state == "queued":
        bar.setRange(0, _STEPS)
        bar.setValue(0)
    elif row.fraction is None:
        # A range of nothing is how Qt shows that something moves at an unknown pace.
        bar.setRange(0, 0)
    else:
        bar.setRange(0, _STEPS)
        bar.setValue(round(row.fraction * _STEPS))


def _words(row: JobRow) -> str:
    if row.state == "queued":
        return "waiting"
    if row.state == "cancelling":
        return "cancelling"
    parts = (row.stage, row.detail, time_left(row.seconds_left))
    return "   ".join(part for part in parts if part)
