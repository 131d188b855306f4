"""`StudiesPanel`: what was found on disk: patient > study > series, scan progress, recent items.

Signals
-------
series_chosen(str series id): double click, Enter, or drop on a view
series_selected(str series id): single click; shows facts, opens nothing
open_folder_requested(), scan_cancel_requested(), recent_chosen(str id)
thumbnails_wanted(tuple[str, ...]): ids of series that came into sight without a picture
forget_requested(str row id), forget_all_requested()

Setters
-------
set_patients(tuple[PatientRow, ...]), set_thumbnail(series id, rgb uint8 (h, w, 3)),
    set_scan(ScanRow | None),
set_recents(tuple[RecentRow, ...]), select_series(id)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from medview.view.empty_state import RecentRow
from medview.view.keyboard import navigates_by_keys
from medview.view.models.study_delegate import StudyDelegate
from medview.view.models.study_rows import PatientRow, SeriesRow
from medview.view.models.study_tree import ROW_ROLE, THUMBNAIL_ROLE, StudyTree
from medview.view.parts import ElidedLabel, button, clear, icon_button, label


@dataclass(frozen=True, slots=True)
class ScanRow:
    """How far a scan is: a sentence, and 0..1 or None while unknown."""

    text: str
    fraction: float | None = None


class _Tree(QTreeView):
    """Opens by double click or Enter on every platform; some would open by one click."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Enter for a double click."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.doubleClicked.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the current series in sight, if it was, while the room shrinks."""
        place = self.visualRect(self.currentIndex())
        was_seen = place.isValid() and 0 <= place.top() < event.oldSize().height()
        super().resizeEvent(event)
        if was_seen:
            self.scrollTo(self.currentIndex())


class StudiesPanel(QWidget):
    """The study browser."""

    series_chosen = Signal(str)
    series_selected = Signal(str)
    open_folder_requested = Signal()
    scan_cancel_requested = Signal()
    recent_chosen = Signal(str)
    thumbnails_wanted = Signal(object)
    forget_requested = Signal(str)
    forget_all_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._can_forget = False
        self.tree = StudyTree(self)
        self.view = self._make_view()
        self._pages = QStackedWidget()
        self._pages.addWidget(self._make_nothing())
        self._pages.addWidget(self.view)
        self._recents_box = QWidget()
        self._recents = QVBoxLayout(self._recents_box)
        self._recents.setContentsMargins(8, 4, 8, 8)
        self._recents.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._make_scan())
        column.addWidget(self._pages, 1)
        column.addWidget(self._recents_box)
        self._asked: set[str] = set()
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(60)
        self._look.timeout.connect(self._want_thumbnails)
        self.set_scan(None)
        self.set_recents(())

    def set_patients(self, rows: tuple[PatientRow, ...]) -> None:
        """Show these; new branches open by themselves."""
        self.tree.set_patients(rows)
        self._pages.setCurrentIndex(1 if rows else 0)
        self._look.start()

    def set_thumbnail(self, series_id: str, rgb: NDArray[np.uint8]) -> None:
        """Give a series its picture, (rows, columns, 3) uint8."""
        height, width, _ = rgb.shape
        pixels = np.ascontiguousarray(rgb)
        image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        # A copy of its own: the array may be gone before Qt paints.
        self.tree.set_thumbnail(series_id, image.copy())

    def set_scan(self, scan: ScanRow | None) -> None:
        """Show how far a scan is; None when none runs."""
        self._scan_box.setVisible(scan is not None)
        if scan is not None:
            self._scan_text.setText(scan.text)
            self._scan_bar.setRange(0, 0 if scan.fraction is None else 1000)
            if scan.fraction is not None:
                self._scan_bar.setValue(round(scan.fraction * 1000))

    def set_recents(self, rows: tuple[RecentRow, ...]) -> None:
        """Show what was open before."""
        clear(self._recents)
        self._recents_box.setVisible(bool(rows))
        if not rows:
            return
        heading = label("RECENT", "section")
        heading.setContentsMargins(8, 4, 0, 4)
        self._recents.addWidget(heading)
        for row in rows[:5]:
            text = self.fontMetrics().elidedText(row.title, Qt.TextElideMode.ElideMiddle, 200)
            entry = button(
                text.replace("&", "&&"),
                lambda chosen=row.id: self.recent_chosen.emit(chosen),  # type: ignore[misc]
                kind="link",
                icon_name="recent",
            )
            entry.setToolTip(f"{row.title}\n{row.detail}".strip())
            self._recents.addWidget(entry)

    def set_can_forget(self, can: bool) -> None:
        """Offer "Forget" in the context menu, where an index remembers studies."""
        self._can_forget = can

    def select_series(self, series_id: str) -> None:
        """Mark a series and bring it into sight; tells nothing back."""
        index = self.tree.index_of(series_id)
        if index.isValid():
            self.view.selectionModel().blockSignals(True)
            self.view.setCurrentIndex(index)
            self.view.selectionModel().blockSignals(False)
            self.view.scrollTo(index)
            self.view.viewport().update()

    def _make_view(self) -> QTreeView:
        view = _Tree()
        view.setModel(self.tree)
        view.setItemDelegate(StudyDelegate(view))
        view.setHeaderHidden(True)
        # The delegate indents: the style would paint the room before a chosen row as chosen too.
        view.setIndentation(0)
        view.setRootIsDecorated(False)
        view.setMouseTracking(True)
        view.setExpandsOnDoubleClick(False)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setVerticalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.setAccessibleName("Studies")
        navigates_by_keys(view)
        view.customContextMenuRequested.connect(self._open_menu)
        view.doubleClicked.connect(self._on_activated)
        view.clicked.connect(self._on_clicked)
        view.selectionModel().currentChanged.connect(self._on_current)
        view.verticalScrollBar().valueChanged.connect(lambda _value: self._look.start())
        self.tree.rowsInserted.connect(self._on_inserted)
        return view

    def _make_nothing(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(label("Nothing is open yet.", "muted", wrap=True))
        row = QHBoxLayout()
        row.addWidget(button("Open folder", self.open_folder_requested.emit, icon_name="open"))
        row.addStretch()
        column.addLayout(row)
        column.addStretch()
        return page

    def _make_scan(self) -> QWidget:
        self._scan_box = QWidget()
        column = QVBoxLayout(self._scan_box)
        column.setContentsMargins(12, 8, 4, 8)
        column.setSpacing(6)
        row = QHBoxLayout()
        self._scan_text = ElidedLabel("", "muted")
        row.addWidget(self._scan_text, 1)
        self.scan_cancel = icon_button("cancel", "Stop scanning", self.scan_cancel_requested.emit)
        row.addWidget(self.scan_cancel)
        column.addLayout(row)
        self._scan_bar = QProgressBar()
        self._scan_bar.setTextVisible(False)
        self._scan_bar.setFixedHeight(6)
        column.addWidget(self._scan_bar)
        return self._scan_box

    def _on_inserted(self, parent: QModelIndex, first: int, last: int) -> None:
        """Open a branch when its first children come; one that the reader closed stays closed."""
        self._look.start()
        if parent.isValid() and self.tree.rowCount(parent) == last - first + 1:
            branch = QPersistentModelIndex(parent)
            # Not inside the model's own signal: it may still be inserting.
            QTimer.singleShot(0, self, lambda: self.view.expand(branch))

    def _row(self, index: QModelIndex) -> object:
        return index.data(ROW_ROLE) if index.isValid() else None

    def _on_activated(self, index: QModelIndex) -> None:
        row = self._row(index)
        if isinstance(row, SeriesRow):
            if row.openable:
                self.series_chosen.emit(row.id)
        else:
            self.view.setExpanded(index, not self.view.isExpanded(index))

    def _on_clicked(self, index: QModelIndex) -> None:
        row = self._row(index)
        if isinstance(row, SeriesRow):
            self.series_selected.emit(row.id)

    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        row = self._row(current)
        if isinstance(row, SeriesRow) and self.view.hasFocus():
            self.series_selected.emit(row.id)

    def _open_menu(self, where: QPoint) -> None:
        row = self._row(self.view.indexAt(where))
        menu = QMenu(self)
        if isinstance(row, SeriesRow) and row.openable:
            menu.addAction("Open").triggered.connect(lambda: self.series_chosen.emit(row.id))
        if self._can_forget and row is not None and not isinstance(row, SeriesRow):
            id_ = row.id  # type: ignore[attr-defined]
            menu.addAction("Forget this").triggered.connect(lambda: self.forget_requested.emit(id_))
        if self._can_forget:
            menu.addAction("Forget all").triggered.connect(self.forget_all_requested)
        if not menu.isEmpty():
            menu.exec(self.view.viewport().mapToGlobal(where))

    def _want_thumbnails(self) -> None:
        """Ask for pictures of the series in sight, each once."""
        wanted = []
        index = self.view.indexAt(QPoint(4, 4))
        bottom = self.view.viewport().height()
        while index.isValid() and self.view.visualRect(index).top() < bottom:
            row = self._row(index)
            if isinstance(row, SeriesRow) and row.id not in self._asked and row.openable:
                if index.data(THUMBNAIL_ROLE) is None:
                    wanted.append(row.id)
                self._asked.add(row.id)
            index = self.view.indexBelow(index)
        if wanted:
            self.thumbnails_wanted.emit(tuple(wanted))
