"""`Viewer`: shows the active source of the scene in the panes, and brings back how it was left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medview.app.controllers.window.navigator import Navigator
from medview.app.controllers.window.pictures import Pictures
from medview.app.controllers.window.views import Views
from medview.app.controllers.window.windowing import first_window
from medview.app.session import PLANES, Session
from medview.core.data.image2d import Image2D
from medview.core.data.intensity import Window, default_window
from medview.core.data.overlay import OverlayGraphics
from medview.core.data.series import Series, Study
from medview.core.data.stack import Stack
from medview.core.data.volume import Volume
from medview.core.geometry.orient import canonical_order
from medview.core.scene.cursor import CursorState
from medview.core.scene.layer import Layer
from medview.core.scene.scene import OpenSource
from medview.core.scene.viewport import PlaneName, SliceState, VolumeState
from medview.render.caption import Caption, Mark, caption_for, marks_of, place_lines
from medview.view.viewer_area import ViewerArea

FindStudy = Callable[[str], Study | None]
"""The study of a series, by the series' UID."""


@dataclass(frozen=True)
class _Left:
    """How a volume was left."""

    planes: dict[PlaneName, SliceState]
    volume: VolumeState
    cursor: CursorState


class Viewer:
    """Follows the scene; the only one that gives the views something to draw.

    Parameters
    ----------
    area : ViewerArea
    session : Session
    views : Views
    navigator : Navigator
    pictures : Pictures
    find_study : callable
    """

    def __init__(
        self,
        area: ViewerArea,
        session: Session,
        views: Views,
        navigator: Navigator,
        pictures: Pictures,
        find_study: FindStudy,
    ) -> None:
        self._area = area
        self._session = session
        self._views = views
        self._navigator = navigator
        self._pictures = pictures
        self._find_study = find_study
        self._identifiers = False
        self._shown: OpenSource | None = None
        self._left: dict[str, _Left] = {}
        scene = session.scene
        scene.active_changed.connect(self._on_active)
        scene.data_changed.connect(self._on_data)
        scene.source_removed.connect(self._on_removed)
        scene.layer_added.connect(self._on_layer_added)
        scene.layer_removed.connect(self._on_layer_removed)

    @property
    def first_window(self) -> Window | None:
        """The window that the volume or picture on screen began with."""
        return first_window(self._shown) if self._shown is not None else None

    def set_identifiers(self, shown: bool) -> None:
        """Name the person in the corner text, or not."""
        self._identifiers = shown
        self._update_caption()

    def preview(self, series: Series, pixels: NDArray[np.generic], k: int) -> None:
        """Show one slice of a volume that is still being read, in the plane in which it lies.

        Parameters
        ----------
        series : Series
        pixels : (j, i) ndarray
        k : int
            Which slice it is.
        """
        if series.grid is None:
            return
        _, rows, columns = series.grid.shape
        grid = series.grid.crop((k, 0, 0), (1, rows, columns))
        plane = PLANES[canonical_order(series.grid).axes.index(0)]
        self._area.show_panes()
        self._views.set_preview(plane, Volume(pixels[np.newaxis], grid))
        window = series.window or default_window(pixels, series.intensity)
        self._navigator.begin(grid, window, inverted=series.is_shown_inverted)
        state = self._session.planes[plane].state
        place = place_lines(series.grid, state)
        self._views.set_caption(replace(self._caption(series), place=place))

    def _on_active(self, source: OpenSource | None) -> None:
        self._remember()
        for layer in self._layers_on_screen():
            self._views.remove_layer(layer.id)
        self._shown = source
        if source is None:
            self._empty()
        elif isinstance(source.data, Volume):
            self._show_volume(source, source.data)
        elif isinstance(source.data, Image2D | Stack):
            self._show_picture(source, source.data)

    def _on_data(self, source: OpenSource) -> None:
        """Go on with another time point; window, slices, camera and layout stay."""
        shown = self._shown
        if shown is None or shown.id != source.id:
            return
        # Results first, so that not a single frame shows them on a time that is not theirs.
        for layer in self._layers_on_screen():
            self._views.remove_layer(layer.id)
        self._shown = source
        if isinstance(source.data, Volume):
            self._views.go_on_with(source.data)
            for layer in self._layers_on_screen():
                self._views.add_layer(layer)
        elif isinstance(source.data, Image2D):
            self._pictures.set_overlay(self._overlay_on_screen())
            self._pictures.go_on_with(source.data)
        self._update_caption()

    def _show_volume(self, source: OpenSource, volume: Volume) -> None:
        self._pictures.clear()
        left = self._left.get(source.id)
        # The panes must have their sizes before a slice can be fitted into them.
        self._area.show_panes()
        self._views.set_volume(volume)
        window = first_window(source)
        if left is None:
            self._navigator.begin(volume.grid, window, inverted=source.series.is_shown_inverted)
            self._views.begin_volume_view()
        else:
            self._navigator.resume(volume.grid, left.planes, left.cursor, window)
            self._session.volume.set(left.volume)
        self._update_caption()
        for layer in self._layers_on_screen():
            self._views.add_layer(layer)

    def _show_picture(self, source: OpenSource, data: Image2D | Stack) -> None:
        self._navigator.begin(None, Window(1.0, 0.5))
        self._views.set_volume(None)
        self._area.show_image()
        self._pictures.show(
            data, source.series.window, self._picture_caption(source), times=source.series.times
        )
        self._pictures.set_overlay(self._overlay_on_screen())
        self._area.image.set_text_shown(self._session.planes["axial"].state.show_text)
        self._update_caption()

    def _empty(self) -> None:
        self._navigator.begin(None, Window(1.0, 0.5))
        self._views.set_volume(None)
        self._pictures.clear()
        self._area.show_empty()

    def _remember(self) -> None:
        shown = self._shown
        if shown is not None and isinstance(shown.data, Volume):
            self._left[shown.id] = _Left(
                {plane: self._session.planes[plane].state for plane in PLANES},
                self._session.volume.state,
                self._session.cursor.state,
            )

    def _on_removed(self, source: OpenSource) -> None:
        self._left.pop(source.id, None)
        if self._shown is not None and self._shown.id == source.id:
            self._shown = None

    def _on_layer_added(self, layer: Layer) -> None:
        if layer in self._layers_on_screen():
            if self._pictures.is_showing:
                self._pictures.set_overlay(self._overlay_on_screen())
            else:
                self._views.add_layer(layer)
            self._update_caption()

    def _on_layer_removed(self, layer: Layer) -> None:
        if self._shown is not None and layer.source_id == self._shown.id:
            self._views.remove_layer(layer.id)
            if self._pictures.is_showing:
                self._pictures.set_overlay(self._overlay_on_screen())
            self._update_caption()

    def _layers_on_screen(self) -> tuple[Layer, ...]:
        return self._session.scene.layers_at(self._shown) if self._shown is not None else ()

    def _overlay_on_screen(self) -> Layer | None:
        return next(
            (x for x in self._layers_on_screen() if isinstance(x.finding, OverlayGraphics)), None
        )

    def _update_caption(self) -> None:
        shown = self._shown
        if shown is None:
            return
        demonstrates = any(
            layer.provenance is not None and layer.provenance.demonstration
            for layer in self._layers_on_screen()
        )
        marks = (Mark("Demonstration model", "violet"),) if demonstrates else ()
        self._views.set_caption(self._caption(shown.series, marks, shown.time))
        if isinstance(shown.data, Image2D | Stack):
            self._pictures.set_caption(self._picture_caption(shown))
            self._area.image.set_marks(marks_of(shown.series) + marks)

    def _caption(self, series: Series, marks: tuple[Mark, ...] = (), time: int = 0) -> Caption:
        study = self._find_study(series.uid)
        return caption_for(
            series, study, identifiers=self._identifiers, time=time, extra_marks=marks
        )

    def _picture_caption(self, source: OpenSource) -> str:
        caption = self._caption(source.series)
        # A stack shows why it is no volume: models and 3D stay off for that reason.
        why = [w.message for w in source.series.warnings] if source.series.kind == "stack" else []
        return "\n".join([*caption.top_left, *caption.bottom_left, *why])
