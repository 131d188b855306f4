"""`Pointer`: the value, the place and the structure under the pointer, in the status line."""

from __future__ import annotations

from collections.abc import Callable

from medview.app import readout
from medview.app.controllers.window.views import Views
from medview.app.session import PLANES, Session
from medview.core.data.volume import Volume
from medview.core.findings.labelmap import LabelMap
from medview.core.scene.viewport import PlaneName


class Pointer:
    """Listens to the slice panes. Keep a reference as long as they live.

    Parameters
    ----------
    session : Session
    views : Views
    show : callable
        Takes the words; empty where there is no value.
    """

    def __init__(self, session: Session, views: Views, show: Callable[[str], None]) -> None:
        self._session = session
        self._views = views
        self._show = show
        for plane in PLANES:
            pane = views.pane(plane)
            pane.pointer_moved.connect(lambda x, y, plane=plane: self._tell(plane, x, y))
            pane.pointer_left.connect(lambda: show(""))

    def _tell(self, plane: PlaneName, x: float, y: float) -> None:
        source = self._session.scene.active
        if source is None or not isinstance(source.data, Volume):
            return
        place = self._views.slices[plane].display_to_lps(x, y)
        if place is None:
            return
        words = readout.of_volume(source.data, place)
        visible = [
            layer.finding
            for layer in self._session.scene.layers_at(source)
            if layer.state.visible and isinstance(layer.finding, LabelMap)
        ]
        structure = readout.label_at(tuple(visible), place) if words else ""
        self._show(f"{structure}   {words}" if structure else words)
