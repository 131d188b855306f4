"""Which adapter draws a finding in which kind of view."""

from __future__ import annotations

from collections.abc import Callable

from vtkmodules.vtkRenderingCore import vtkRenderer

from medview.core.data.overlay import OverlayGraphics
from medview.core.findings.detections import Detections
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import LabelMap
from medview.core.geometry.grid import Grid
from medview.core.scene.layer import Layer
from medview.render.adapters.base import SliceAdapter, VolumeAdapter
from medview.render.adapters.detections_box import DetectionsBox
from medview.render.adapters.detections_slice import DetectionsSlice
from medview.render.adapters.heatmap_slice import HeatmapSlice
from medview.render.adapters.labelmap_slice import LabelMapSlice
from medview.render.adapters.labelmap_surface import LabelMapSurface
from medview.render.adapters.overlay_slice import OverlaySlice
from medview.render.background import Background


def slice_adapter(
    layer: Layer, source: Grid, request_render: Callable[[], None]
) -> SliceAdapter | None:
    """The adapter that draws a layer on slices of a volume; None for findings without a place.

    Raises
    ------
    GeometryError
        If the finding cannot lie on this source.
    """
    finding = layer.finding
    if isinstance(finding, LabelMap):
        return LabelMapSlice(layer, finding, source, request_render)
    if isinstance(finding, Heatmap):
        return HeatmapSlice(layer, finding, source, request_render)
    if isinstance(finding, Detections):
        return DetectionsSlice(layer, finding, request_render)
    if isinstance(finding, OverlayGraphics):
        return OverlaySlice(layer, finding, source, request_render)
    return None


def volume_adapter(
    layer: Layer,
    source: Grid,
    renderer: vtkRenderer,
    request_render: Callable[[], None],
    background: Background,
) -> VolumeAdapter | None:
    """The adapter that draws a layer in 3D; None for findings that have no 3D picture.

    Raises
    ------
    GeometryError
        If the finding cannot lie on this source.
    """
    finding = layer.finding
    if isinstance(finding, LabelMap):
        return LabelMapSurface(layer, finding, source, renderer, request_render, background)
    if isinstance(finding, Detections):
        return DetectionsBox(layer, finding, renderer, request_render)
    return None
