"""Overlay planes of a series as a layer to draw: for the window and for snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medview.core.data.overlay import OverlayGraphics
from medview.core.data.series import Series
from medview.core.scene.layer import Layer, LayerState

if TYPE_CHECKING:
    from medview.io.scan import SeriesEntry

_SOLID = 1.0


def has_overlays(series: Series) -> bool:
    """Whether the files of a series bring graphics along that can be drawn on it."""
    return series.attribute("overlay_planes") is not None


def layer_id_of(series_uid: str) -> str:
    """The id of the layer that holds the overlay of a series."""
    return f"overlay/{series_uid}"


def read_overlay_layer(
    entry: SeriesEntry, time: int = 0, state: LayerState | None = None
) -> Layer | None:
    """The overlay of one time point as a layer; None if it has none.

    Raises
    ------
    InputError
        If an overlay is damaged; the sentence names the file.
    """
    from medview.io.overlays import overlays

    series = entry.series
    if not has_overlays(series):
        return None
    graphics = OverlayGraphics.of(overlays(entry, time=time), series.grid)
    if graphics is None:
        return None
    return Layer(
        layer_id_of(series.uid),
        series.uid,
        graphics,
        state=state or LayerState(opacity=_SOLID),
        time=time,
    )
