"""`VolumePane`: the 3D view.

Signals
-------
rotated(dx, dy): logical pixels of a left drag
panned(dx, dy): frame pixels; zoomed(factor, x, y): right drag or wheel
pointer_moved(x, y), pointer_left(), focused(), maximise_requested()
drag_started(str), drag_ended(str): bracket a movement, so that drawing may be coarser in between

Setters
-------
set_view(view | None), request_render(), set_active(bool), set_tool(Tool)
"""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtWidgets import QWidget

from medview.view.panes.gestures import ViewKind
from medview.view.panes.view_pane import ViewPane


class VolumePane(ViewPane):
    """The volume rendering."""

    kind: ClassVar[ViewKind] = "volume"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("volume", parent)
        self.setAccessibleName("3D view")
