"""Detections in 3D: the edges of each box."""

from __future__ import annotations

from collections.abc import Callable

from vtkmodules.vtkFiltersSources import vtkOutlineSource
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from medview.core.findings.detections import Detections
from medview.core.geometry.box import BoxLps
from medview.core.scene.layer import Layer, LayerState
from medview.render.adapters.base import LayerAdapter
from medview.render.luts import detection_colour


class DetectionsBox(LayerAdapter):
    """Draws the boxes of one finding in one volume view."""

    def __init__(
        self,
        layer: Layer,
        detections: Detections,
        renderer: vtkRenderer,
        request_render: Callable[[], None],
    ) -> None:
        super().__init__(layer, request_render)
        self._renderer = renderer
        self._boxes: list[tuple[str, float, vtkActor]] = []
        self._shown = True
        for item in detections.items:
            if len(item.centre) != 3 or len(item.size) != 3:
                continue
            centre, size = item.centre, item.size
            box = BoxLps((centre[0], centre[1], centre[2]), (size[0], size[1], size[2]))
            actor = _box_actor(box)
            actor.GetProperty().SetColor(*(c / 255 for c in detection_colour(item.review)))
            self._boxes.append((item.id, item.score, actor))
            renderer.AddActor(actor)
        self.apply(layer.state, layer.state)

    def apply(self, new: LayerState, old: LayerState) -> None:
        """Follow visibility, threshold and selection."""
        for name, score, actor in self._boxes:
            actor.SetVisibility(self._shown and new.visible and score >= new.threshold)
            actor.GetProperty().SetLineWidth(3.0 if name == new.selected else 1.5)

    def set_shown(self, shown: bool) -> None:
        """Show or hide the layer as the view asks, apart from its own state."""
        self._shown = shown
        self.apply(self.layer.state, self.layer.state)

    def close(self) -> None:
        """Unsubscribe and take the boxes out of the scene."""
        super().close()
        for _, _, actor in self._boxes:
            self._renderer.RemoveActor(actor)
        self._boxes.clear()


def _box_actor(box: BoxLps) -> vtkActor:
    low, high = box.corners
    source = vtkOutlineSource()
    source.SetBounds(low[0], high[0], low[1], high[1], low[2], high[2])
    mapper = vtkPolyDataMapper()
    mapper.SetInputConnection(source.GetOutputPort())
    actor = vtkActor()
    actor.SetMapper(mapper)
    actor.GetProperty().LightingOff()
    return actor
