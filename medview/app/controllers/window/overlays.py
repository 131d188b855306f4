"""`Overlays`: brings the graphics that files carry over their slices, time point by time point."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from medview.app.background import Background, Task
from medview.app.controllers.overlays import has_overlays, layer_id_of, read_overlay_layer
from medview.app.controllers.window.notices import Notices
from medview.app.library import Library
from medview.core.errors import MedviewError
from medview.core.scene.layer import Layer
from medview.core.scene.scene import OpenSource, Scene

if TYPE_CHECKING:
    from medview.io.scan import SeriesEntry

    _Read = tuple[SeriesEntry, Layer | None]


class Overlays:
    """Keeps at most one overlay layer on each source: that of the time point at hand.

    Parameters
    ----------
    background : Background
    library : Library
    scene : Scene
    notices : Notices
    """

    def __init__(
        self, background: Background, library: Library, scene: Scene, notices: Notices
    ) -> None:
        self._background = background
        self._library = library
        self._scene = scene
        self._notices = notices
        self._task: Task[_Read] | None = None
        self._known: tuple[object, SeriesEntry] | None = None
        scene.active_changed.connect(self._on_active)
        scene.data_changed.connect(self._read)

    def _on_active(self, source: OpenSource | None) -> None:
        if source is not None:
            self._read(source)

    def _read(self, source: OpenSource) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        present = self._scene.layer(layer_id_of(source.id))
        is_there = present is not None and present.time == source.time
        if is_there or not has_overlays(source.series):
            return
        try:
            entry = self._entry_of(source)
        except MedviewError:
            return
        time = source.time
        self._task = self._background.start(
            "overlays",
            lambda task: _layer(entry, time, task),
            done=lambda read: self._put(source, *read),
            failed=lambda error: self._notices.failed("Reading the overlay", error),
        )

    def _entry_of(self, source: OpenSource) -> SeriesEntry:
        if self._known is not None and self._known[0] is source.opening:
            return self._known[1]
        return self._library.entry(source.id)

    def _put(self, source: OpenSource, entry: SeriesEntry, layer: Layer | None) -> None:
        # Headers of a remembered series were read anew; once for all time points is enough.
        self._known = (source.opening, entry)
        now = self._scene.source(source.id)
        if now is None or now.opening is not source.opening:
            return
        before = self._scene.layer(layer_id_of(source.id))
        if before is not None:
            self._scene.remove_layer(before.id)
        if layer is not None:
            if before is not None:
                # Colour and visibility are the reader's; they outlive the time point.
                layer.set(before.state)
            self._scene.add_layer(layer)


def _layer(entry: SeriesEntry, time: int, task: Task[_Read]) -> _Read:
    from medview.io.load import content_of

    task.progress(None)
    known = replace(entry, content=content_of(entry))
    return known, read_overlay_layer(known, time)
