"""`ViewerArea`: the middle of the window: the empty state, or the panes in a layout.

Attributes
----------
axial, coronal, sagittal (SlicePane), volume (VolumePane), panes: dict by name
empty (EmptyState), image (ImagePane): for photographs and single pictures
times (TimeBar): under the views, where there is more than one time point

Signals
-------
active_changed(str): name of the pane that keys act on
layout_changed(Layout): after `set_layout` or a double click

Setters
-------
show_empty(), show_panes(), show_image(), set_layout(Layout), set_active(name),
    toggle_maximised(name),
next_pane(step), set_tool(Tool), set_question(widget | None), set_drop_highlight(bool)
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from medview.core.scene.layout import Layout
from medview.view.empty_state import EmptyState
from medview.view.panes.gestures import Tool
from medview.view.panes.image_pane import ImagePane
from medview.view.panes.slice_pane import SlicePane
from medview.view.panes.time_bar import TimeBar
from medview.view.panes.view_pane import ViewPane
from medview.view.panes.volume_pane import VolumePane

_PLACES = {"axial": (0, 0), "coronal": (0, 1), "sagittal": (1, 0), "volume": (1, 1)}


class ViewerArea(QWidget):
    """Owns the panes and arranges them."""

    active_changed = Signal(str)
    layout_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.axial = SlicePane("axial")
        self.coronal = SlicePane("coronal")
        self.sagittal = SlicePane("sagittal")
        self.volume = VolumePane()
        self.panes: dict[str, ViewPane] = {
            pane.name: pane for pane in (self.axial, self.coronal, self.sagittal, self.volume)
        }
        self.empty = EmptyState()
        self.image = ImagePane()
        self._layout = Layout.FOUR_UP
        self._before = Layout.FOUR_UP
        self._active = "axial"
        self._stack = QStackedWidget()
        self._grid = self._make_grid()
        for page in (self.empty, self._grid, self.image):
            self._stack.addWidget(page)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._stack, 1)
        self.times = TimeBar()
        self.times.hide()
        self._column.addWidget(self.times)
        self._question: QWidget | None = None
        self.panes[self._active].set_active(True)

    @property
    def current_layout(self) -> Layout:
        """Which views are shown."""
        return self._layout

    @property
    def active(self) -> str:
        """Name of the pane that keys act on."""
        return self._active

    @property
    def is_empty(self) -> bool:
        """Whether the empty state is shown."""
        return self._stack.currentWidget() is self.empty

    def show_empty(self) -> None:
        """Invite the reader to open something."""
        self._stack.setCurrentWidget(self.empty)

    def show_panes(self) -> None:
        """Show the views, with the keyboard on the active one."""
        self._stack.setCurrentWidget(self._grid)
        self.panes[self._active].setFocus()

    def show_image(self) -> None:
        """Show the single picture instead of the planes."""
        self._stack.setCurrentWidget(self.image)
        self.image.setFocus()

    def set_layout(self, layout: Layout) -> None:
        """Arrange the panes; a single view becomes the active one."""
        if layout is not Layout.FOUR_UP:
            self.set_active(layout.value)
        for name, pane in self.panes.items():
            pane.setVisible(layout is Layout.FOUR_UP or name == layout.value)
        for line in (0, 1):
            rows = [place[0] for name, place in _PLACES.items() if self._shows(layout, name)]
            columns = [place[1] for name, place in _PLACES.items() if self._shows(layout, name)]
            self._cells.setRowStretch(line, int(line in rows))
            self._cells.setColumnStretch(line, int(line in columns))
        if layout is not self._layout:
            self._before, self._layout = self._layout, layout
            self.layout_changed.emit(layout)

    def toggle_maximised(self, name: str) -> None:
        """Give one pane the whole area, or go back to the layout before."""
        if self._layout is Layout.FOUR_UP:
            self.set_layout(Layout(name))
        else:
            self.set_layout(Layout.FOUR_UP)

    def set_active(self, name: str) -> None:
        """Choose the pane that keys act on."""
        if name == self._active:
            return
        self.panes[self._active].set_active(False)
        self._active = name
        self.panes[name].set_active(True)
        self.panes[name].setFocus()
        self.active_changed.emit(name)

    def next_pane(self, step: int = 1) -> None:
        """Go on to the next visible pane, round and round."""
        names = [name for name in _PLACES if self._shows(self._layout, name)]
        at = names.index(self._active) if self._active in names else 0
        self.set_active(names[(at + step) % len(names)])

    def set_tool(self, tool: Tool) -> None:
        """Choose what the left button does in the slice views."""
        for pane in self.panes.values():
            pane.set_tool(tool)
        self.image.set_tool(tool)

    def set_question(self, question: QWidget | None) -> None:
        """Show a bar with a question above the views, or take it away."""
        if self._question is not None:
            self._column.removeWidget(self._question)
            self._question.hide()
            self._question.deleteLater()
        self._question = question
        if question is not None:
            self._column.insertWidget(0, question)

    def grab_views(self) -> QPixmap:
        """A picture of the views alone, without what stands around them."""
        return self._stack.grab()

    def set_drop_highlight(self, hot: bool) -> None:
        """Light up the drop zone."""
        self.empty.set_hot(hot)

    def _make_grid(self) -> QWidget:
        page = QWidget()
        page.setObjectName("viewGrid")
        self._cells = QGridLayout(page)
        self._cells.setContentsMargins(0, 0, 0, 0)
        self._cells.setSpacing(1)
        for name, (row, column) in _PLACES.items():
            pane = self.panes[name]
            self._cells.addWidget(pane, row, column)
            self._cells.setRowStretch(row, 1)
            self._cells.setColumnStretch(column, 1)
            pane.focused.connect(lambda name=name: self.set_active(name))
            pane.maximise_requested.connect(lambda name=name: self.toggle_maximised(name))
        return page

    @staticmethod
    def _shows(layout: Layout, name: str) -> bool:
        return layout is Layout.FOUR_UP or name == layout.value
