"""Label maps in 3D: one smooth surface per label."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from vtkmodules.util import numpy_support
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
from vtkmodules.vtkFiltersCore import vtkPolyDataNormals
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from medview.core.findings.labelmap import Label, LabelMap
from medview.core.geometry.grid import Grid
from medview.core.scene.layer import Layer, LayerState
from medview.render.adapters.base import LayerAdapter, grid_of
from medview.render.background import Background
from medview.render.surface import Surface, label_surface


class LabelMapSurface(LayerAdapter):
    """Draws one label map in one volume view; surfaces appear when they are computed."""

    def __init__(
        self,
        layer: Layer,
        labelmap: LabelMap,
        source: Grid,
        renderer: vtkRenderer,
        request_render: Callable[[], None],
        background: Background,
    ) -> None:
        super().__init__(layer, request_render)
        grid = grid_of(labelmap, source)
        self._renderer = renderer
        self._actors: dict[int, vtkActor] = {}
        self._shown = True
        for label in labelmap.labels:
            background(
                partial(label_surface, labelmap, label.value, grid),
                partial(self._on_surface, label),
            )

    def _on_surface(self, label: Label, surface: Surface) -> None:
        if self._closed or surface.is_empty:
            return
        actor = surface_actor(surface)
        actor.GetProperty().SetColor(*(channel / 255 for channel in label.rgb))
        self._actors[label.value] = actor
        self._renderer.AddActor(actor)
        self.apply(self.layer.state, self.layer.state)
        self._request_render()

    def apply(self, new: LayerState, old: LayerState) -> None:
        """Follow visibility, hidden labels and opacity."""
        for value, actor in self._actors.items():
            shown = self._shown and new.visible and value not in new.hidden_labels
            actor.SetVisibility(shown)
            opacity = surface_opacity(new.opacity)
            actor.GetProperty().SetOpacity(opacity)
            # Without their backs, translucent surfaces need no sorting.
            actor.GetProperty().SetBackfaceCulling(opacity < 1)

    def set_shown(self, shown: bool) -> None:
        """Show or hide the layer as the view asks, apart from its own state."""
        self._shown = shown
        self.apply(self.layer.state, self.layer.state)

    def close(self) -> None:
        """Unsubscribe and take the surfaces out of the scene."""
        super().close()
        for actor in self._actors.values():
            self._renderer.RemoveActor(actor)
        self._actors.clear()


def surface_opacity(opacity: float) -> float:
    """Opacity of a surface for a layer's fill opacity.

    A fill of 35 %, the usual one, lets the image through; a surface of 35 % would be
    a ghost, so surfaces are opaque from there on.
    """
    return float(np.clip(opacity / 0.35, 0.0, 1.0))


def surface_actor(surface: Surface) -> vtkActor:
    """A lit mesh."""
    mesh = vtkPolyData()
    points = vtkPoints()
    points.SetData(numpy_support.numpy_to_vtk(surface.points, deep=1))
    mesh.SetPoints(points)
    cells = vtkCellArray()
    offsets = np.arange(0, surface.triangles.size + 1, 3, dtype=np.int64)
    connectivity = surface.triangles.astype(np.int64).reshape(-1)
    cells.SetData(
        numpy_support.numpy_to_vtkIdTypeArray(offsets, deep=1),
        numpy_support.numpy_to_vtkIdTypeArray(connectivity, deep=1),
    )
    mesh.SetPolys(cells)
    normals = vtkPolyDataNormals()
    normals.SetInputData(mesh)
    normals.SplittingOff()
    normals.ConsistencyOff()
    normals.Update()
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(normals.GetOutput())
    mapper.ScalarVisibilityOff()
    actor = vtkActor()
    actor.SetMapper(mapper)
    style = actor.GetProperty()
    style.SetAmbient(0.18)
    style.SetDiffuse(0.8)
    style.SetSpecular(0.2)
    style.SetSpecularPower(20)
    return actor
