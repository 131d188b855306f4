"""What every adapter is: the one subscriber of a layer within one view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from medview.core.errors import GeometryError
from medview.core.geometry.grid import Grid
from medview.core.scene.layer import Layer, LayerState
from medview.core.scene.viewport import SliceState
from medview.render.cameras import SliceCamera
from medview.render.canvas import Canvas
from medview.render.text import TextPainter


@dataclass(frozen=True, slots=True)
class SliceScene:
    """What an adapter needs to draw onto a slice.

    Attributes
    ----------
    canvas : Canvas
    camera : SliceCamera
    state : SliceState
    painter : TextPainter
    """

    canvas: Canvas
    camera: SliceCamera
    state: SliceState
    painter: TextPainter


class SliceAdapter(Protocol):
    """Draws one layer onto the frames of one slice view."""

    def paint(self, scene: SliceScene) -> None:
        """Draw onto the canvas."""

    def close(self) -> None:
        """Unsubscribe and let go of data; idempotent."""


class VolumeAdapter(Protocol):
    """Keeps the props of one layer in the renderer of one volume view."""

    def set_shown(self, shown: bool) -> None:
        """Show or hide the layer as the view asks, apart from its own state."""

    def close(self) -> None:
        """Unsubscribe and remove the props; idempotent."""


class LayerAdapter:
    """Subscribes to a layer and asks for a render when its appearance changes.

    Parameters
    ----------
    layer : Layer
    request_render : callable
    """

    def __init__(self, layer: Layer, request_render: Callable[[], None]) -> None:
        self.layer = layer
        self._request_render = request_render
        self._closed = False
        layer.changed.connect(self._on_changed)

    def _on_changed(self, new: LayerState, old: LayerState) -> None:
        self.apply(new, old)
        self._request_render()

    def apply(self, new: LayerState, old: LayerState) -> None:
        """Take over a changed appearance, before the render that follows."""

    def close(self) -> None:
        """Unsubscribe; idempotent."""
        if not self._closed:
            self._closed = True
            self.layer.changed.disconnect(self._on_changed)
            self._request_render = _nothing


def grid_of(finding: Any, source: Grid) -> Grid:
    """The grid a finding lies on: its own, or the source's where it names none.

    Raises
    ------
    GeometryError
        If both name a frame of reference and the frames differ.
    """
    grid: Grid | None = finding.grid
    if grid is None:
        if tuple(finding.array.shape) != source.shape:
            raise GeometryError(
                f"The result {finding.name!r} has another shape than the series it belongs to."
            )
        return source
    known = grid.frame_of_reference is not None and source.frame_of_reference is not None
    if known and grid.frame_of_reference != source.frame_of_reference:
        raise GeometryError(
            f"The result {finding.name!r} lies in another frame of reference "
            "than the series shown, so it cannot be drawn on it.",
            code="frame-of-reference",
        )
    return grid


def _nothing() -> None:
    """What a closed adapter asks for."""
