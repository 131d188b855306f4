"""`SlicePane`: a slice view with a thin slider at its right edge.

Signals
-------
scrolled(int): slices to go on; positive is further down the list
window_dragged(dx, dy): logical pixels; right is wider, up (negative dy) is brighter
panned(dx, dy): frame pixels that the picture shall follow
zoomed(factor, x, y): magnify by factor around a frame pixel; above 1 is closer
cursor_requested(x, y): put the crosshair there (probe tool, or Shift + move)
pointer_moved(x, y), pointer_left(): for the value under the pointer
slice_requested(int): index chosen with the slider
focused(), maximise_requested(), drag_started(str), drag_ended(str)

Setters
-------
set_view(view | None), request_render(), set_active(bool), set_tool(Tool), set_slices(count, index)
"""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from medview.core.scene.viewport import PlaneName
from medview.view.panes.gestures import ViewKind
from medview.view.panes.slice_slider import SliceSlider
from medview.view.panes.view_pane import ViewPane


class SlicePane(ViewPane):
    """One of the three planes."""

    slice_requested = Signal(int)
    kind: ClassVar[ViewKind] = "slice"

    def __init__(self, plane: PlaneName, parent: QWidget | None = None) -> None:
        super().__init__(plane, parent)
        self.plane = plane
        self.slider = SliceSlider(self)
        self.slider.setAccessibleName(f"{plane.capitalize()} slice")
        self.slider.index_requested.connect(self._on_slider)
        self._row.addWidget(self.slider)

    def set_slices(self, count: int, index: int) -> None:
        """Show where in the list of slices the view is; counts below 2 hide the mark."""
        self.slider.set_slices(count, index)

    def _on_slider(self, index: int) -> None:
        self.focused.emit()
        self.slice_requested.emit(index)
