"""`MainWindow`: the frame around the views; it arranges widgets and tells what the reader did.

Attributes
----------
viewer (ViewerArea), studies (StudiesPanel), models (ModelsPanel), findings (FindingsPanel),
    layers (LayersPanel),
log (LogPanel), jobs (JobsBar), toasts (Toasts), commands (CommandBars), palette_box
    (CommandPalette)

Signals
-------
paths_dropped(tuple[Path, ...])
closing(CloseRequest): emitted at once while the window is about to close; call `veto()` on it
    to stay open

Setters
-------
set_commands(items), set_command_enabled(id, bool), set_command_checked(id, bool),
    set_search_entries(entries),
set_pointer_text(str), set_title(str), toggle_left(), toggle_right(), toggle_log(),
    toggle_full_screen(),
open_palette(), save_layout() -> bytes, restore_layout(bytes) -> bool, reset_layout()
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QByteArray, QDataStream, QIODevice, QSize, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
)
from PySide6.QtWidgets import (
    QMainWindow,
    QStackedWidget,
    QTabBar,
    QToolBar,
    QToolButton,
)

from medview.view.command_bars import CommandBars
from medview.view.command_item import CommandItem
from medview.view.command_palette import CommandPalette, PaletteEntry
from medview.view.docks import Dock
from medview.view.icons import icon
from medview.view.keyboard import SpaceForButtons
from medview.view.panels.findings import FindingsPanel
from medview.view.panels.jobs import JobsBar
from medview.view.panels.layers import LayersPanel
from medview.view.panels.log import LogPanel
from medview.view.panels.models import ModelsPanel
from medview.view.panels.studies import StudiesPanel
from medview.view.parts import icon_size, label
from medview.view.theme import tabular_font
from medview.view.toasts import Toasts
from medview.view.viewer_area import ViewerArea

_LAYOUT_VERSION = 1
_SIDE_WIDTH = 288
# Room for the names of its tabs, and for a card with all its controls in one line.
_RIGHT_LEAST = 264


class CloseRequest:
    """Handed out while the window is about to close."""

    def __init__(self) -> None:
        self.vetoed = False

    def veto(self) -> None:
        """Keep the window open."""
        self.vetoed = True


class MainWindow(QMainWindow):
    """The window."""

    paths_dropped = Signal(object)
    closing = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("medview")
        self.setObjectName("medview")
        self.setAcceptDrops(True)
        self.setDockOptions(
            QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AllowNestedDocks
        )
        self.setMinimumSize(900, 600)
        self.resize(1440, 900)
        self._search: tuple[PaletteEntry, ...] = ()
        self.viewer = ViewerArea()
        self.studies = StudiesPanel()
        self.models = ModelsPanel()
        self.findings = FindingsPanel()
        self.layers = LayersPanel()
        self.log = LogPanel()
        self.jobs = JobsBar()
        self.setCentralWidget(self.viewer)
        self._make_docks()
        self._make_bars()
        self.toasts = Toasts(self.viewer, above=self.viewer.times)
        self.palette_box = CommandPalette(self)
        self._space = SpaceForButtons(self)
        self._first_layout = self.saveState(_LAYOUT_VERSION)

    def set_commands(self, items: Iterable[CommandItem]) -> None:
        """Fill menus, tool bar, keys and palette."""
        self.commands.set_commands(items)

    def set_command_enabled(self, command_id: str, enabled: bool) -> None:
        """Make a command available or not."""
        self.commands.set_enabled(command_id, enabled)

    def set_command_checked(self, command_id: str, checked: bool) -> None:
        """Show a checkable command as on or off."""
        self.commands.set_checked(command_id, checked)

    def set_search_entries(self, entries: tuple[PaletteEntry, ...]) -> None:
        """What the palette finds beside the commands: series, findings, models."""
        self._search = entries

    def set_pointer_text(self, text: str) -> None:
        """Show the value under the pointer in the status line."""
        self._pointer.setText(text)

    def set_title(self, text: str) -> None:
        """Name what is open in the window's title; empty for nothing."""
        self.setWindowTitle(f"{text} \N{EN DASH} medview" if text else "medview")

    def open_palette(self) -> None:
        """Open the search over everything."""
        self.palette_box.open_with(self.commands.entries() + self._search)

    def toggle_left(self) -> None:
        """Hide or show the left docks."""
        self._toggle((self.studies_dock,))

    def toggle_right(self) -> None:
        """Hide or show the right docks."""
        self._toggle((self.models_dock, self.findings_dock))

    def toggle_log(self) -> None:
        """Hide or show the log."""
        self._toggle((self.log_dock,))

    def toggle_full_screen(self) -> None:
        """Fill the screen, or come back."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def show_findings(self) -> None:
        """Bring the findings to the front."""
        self.findings_dock.show()
        self.findings_dock.raise_()
        self._tabs.setCurrentIndex(0)

    def save_layout(self) -> bytes:
        """Size, place and docks, to be kept between sessions."""
        data = QByteArray()
        stream = QDataStream(data, QIODevice.OpenModeFlag.WriteOnly)
        stream << self.saveGeometry() << self.saveState(_LAYOUT_VERSION)
        return bytes(data.data())

    def restore_layout(self, saved: bytes) -> bool:
        """Bring a saved layout back; False and no change if it is not one of ours."""
        geometry, state = QByteArray(), QByteArray()
        stream = QDataStream(QByteArray(saved))
        stream >> geometry >> state
        if stream.status() != QDataStream.Status.Ok or state.isEmpty():
            return False
        if not self.restoreState(state, _LAYOUT_VERSION):
            return False
        self.restoreGeometry(geometry)
        return True

    def reset_layout(self) -> None:
        """Put the docks where they first were."""
        self.restoreState(self._first_layout, _LAYOUT_VERSION)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask whether closing is all right."""
        request = CloseRequest()
        self.closing.emit(request)
        if request.vetoed:
            event.ignore()
        else:
            event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files and folders."""
        if _paths(event):
            event.acceptProposedAction()
            self.viewer.set_drop_highlight(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Go back to rest."""
        self.viewer.set_drop_highlight(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell what was dropped."""
        self.viewer.set_drop_highlight(False)
        paths = _paths(event)
        if paths:
            event.acceptProposedAction()
            self.paths_dropped.emit(paths)

    def _make_docks(self) -> None:
        self._tabs = QTabBar()
        self._tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._results = QStackedWidget()
        for name, page in (("FINDINGS", self.findings), ("LAYERS", self.layers)):
            self._tabs.addTab(name)
            self._results.addWidget(page)
        self._tabs.currentChanged.connect(self._results.setCurrentIndex)
        self.studies_dock = Dock("Studies", self.studies, _SIDE_WIDTH, self)
        self.models_dock = Dock("Models", self.models, _SIDE_WIDTH + 16, self)
        self.findings_dock = Dock("Results", self._results, _SIDE_WIDTH + 16, self, self._tabs)
        self.models.setMinimumWidth(_RIGHT_LEAST)
        self._results.setMinimumWidth(_RIGHT_LEAST)
        self.log_dock = Dock("Log", self.log, _SIDE_WIDTH, self)
        areas = Qt.DockWidgetArea
        self.addDockWidget(areas.LeftDockWidgetArea, self.studies_dock)
        self.addDockWidget(areas.RightDockWidgetArea, self.models_dock)
        self.addDockWidget(areas.RightDockWidgetArea, self.findings_dock)
        self.addDockWidget(areas.BottomDockWidgetArea, self.log_dock)
        self.setCorner(Qt.Corner.BottomLeftCorner, areas.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, areas.RightDockWidgetArea)
        self.resizeDocks(
            [self.studies_dock, self.models_dock],
            [_SIDE_WIDTH, _SIDE_WIDTH + 16],
            Qt.Orientation.Horizontal,
        )
        self.resizeDocks(
            [self.models_dock, self.findings_dock], [480, 320], Qt.Orientation.Vertical
        )
        self.log_dock.hide()

    def _make_bars(self) -> None:
        bar = QToolBar("Tools", self)
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setIconSize(icon_size())
        bar.toggleViewAction().setEnabled(False)
        self.addToolBar(bar)
        self.commands = CommandBars(self, self.menuBar(), bar)
        self.search_button = self._make_search()
        self.menuBar().setCornerWidget(self.search_button, Qt.Corner.TopRightCorner)
        status = self.statusBar()
        status.setSizeGripEnabled(False)
        status.addWidget(self.jobs, 1)
        self._pointer = label("", "muted")
        self._pointer.setFont(tabular_font(self.font()))
        self._pointer.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._pointer.setAccessibleName("Value under the pointer")
        self._pointer.setContentsMargins(8, 0, 12, 0)
        widest = self._pointer.fontMetrics().horizontalAdvance("HU -1024 @ -123.4 -123.4 -1234.5")
        self._pointer.setMinimumWidth(widest + 20)
        status.addPermanentWidget(self._pointer)
        # The line keeps its height whether jobs run or not: the views must not move.
        status.setFixedHeight(34)

    def _make_search(self) -> QToolButton:
        search = QToolButton(self.menuBar())
        search.setObjectName("searchButton")
        search.setIcon(icon("search"))
        search.setIconSize(QSize(14, 14))
        search.setText("Search everything   Ctrl+K")
        search.setToolTip("Search commands, series and findings  (Ctrl+K)")
        search.setAccessibleName("Search everything")
        search.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        search.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        search.clicked.connect(self.open_palette)
        return search

    @staticmethod
    def _toggle(docks: tuple[Dock, ...]) -> None:
        show = not any(dock.isVisible() for dock in docks)
        for dock in docks:
            dock.setVisible(show)


def _paths(event: QDropEvent) -> tuple[Path, ...]:
    """Local files and folders in a drop; empty for anything else."""
    data = event.mimeData()
    if not data.hasUrls():
        return ()
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())


__all__ = ["CloseRequest", "MainWindow"]
