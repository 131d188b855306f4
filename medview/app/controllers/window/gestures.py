"""`SliceGestures`: turns a slice pane's gestures into acts of the navigator."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medview.app.controllers.window.navigator import Navigator
from medview.app.controllers.window.views import Views
from medview.core.geometry.plane import listed
from medview.core.scene.viewport import PlaneName
from medview.view.panes.slice_pane import SlicePane


class SliceGestures:
    """One plane's gestures. Keep a reference as long as the pane lives.

    Parameters
    ----------
    pane : SlicePane
    views : Views
        Know which point in space lies under a pixel of a pane.
    navigator : Navigator
    """

    def __init__(self, pane: SlicePane, views: Views, navigator: Navigator) -> None:
        self._plane: PlaneName = pane.plane
        self._pane = pane
        self._views = views
        self._navigator = navigator
        pane.scrolled.connect(self._scroll)
        pane.slice_requested.connect(self._to_slice)
        pane.panned.connect(self._pan)
        pane.zoomed.connect(self._zoom)
        pane.window_dragged.connect(navigator.drag_window)
        pane.cursor_requested.connect(self._put_cursor)
        navigator.slice_changed.connect(self._show_position)

    def _scroll(self, steps: int) -> None:
        self._navigator.scroll_list(self._plane, steps)

    def _to_slice(self, place: int) -> None:
        count = self._navigator.position(self._plane)[1]
        self._navigator.to_slice(self._plane, listed(self._plane, place, count))

    def _pan(self, dx: float, dy: float) -> None:
        grabbed = self._point(0.0, 0.0)
        now = self._point(dx, dy)
        if grabbed is not None and now is not None:
            self._navigator.pan(self._plane, grabbed, now)

    def _zoom(self, factor: float, x: float, y: float) -> None:
        anchor = self._point(x, y)
        if anchor is not None:
            self._navigator.zoom(self._plane, factor, anchor)

    def _put_cursor(self, x: float, y: float) -> None:
        chosen = self._point(x, y)
        if chosen is not None:
            self._navigator.put_cursor(chosen, chosen_in=self._plane)

    def _point(self, x: float, y: float) -> NDArray[np.float64] | None:
        return self._views.slices[self._plane].display_to_lps(x, y)

    def _show_position(self, plane: str, index: int, count: int) -> None:
        if plane == self._plane:
            self._pane.set_slices(count, listed(self._plane, index, count))
