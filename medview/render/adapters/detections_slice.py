"""Detections on slices: the outline of each box where the plane cuts it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from medview.core.findings.detections import Detection, Detections
from medview.core.scene.layer import Layer
from medview.render.adapters.base import LayerAdapter, SliceScene
from medview.render.cameras import SliceCamera
from medview.render.luts import detection_colour

_CORNERS = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
_EDGES = [(a, b) for a, b in combinations(range(8), 2) if (_CORNERS[a] != _CORNERS[b]).sum() == 1]


class DetectionsSlice(LayerAdapter):
    """Draws all detections of one finding on one slice view."""

    def __init__(
        self, layer: Layer, detections: Detections, request_render: Callable[[], None]
    ) -> None:
        super().__init__(layer, request_render)
        self._detections = detections

    def paint(self, scene: SliceScene) -> None:
        """Draw the outlines; the selected one is stronger and named."""
        state = self.layer.state
        if not state.visible:
            return
        thickness = scene.state.slab_mm if scene.state.slab_mode != "none" else 0.0
        for item in self._detections.items:
            if item.score < state.threshold or len(item.centre) != 3:
                continue
            polygon = cut(item, scene.camera, thickness)
            if polygon is None:
                continue
            points = scene.camera.to_display(polygon)
            selected = item.id == state.selected
            rgb = detection_colour(item.review)
            alpha = 0.5 if item.review == "rejected" else 1.0
            width = 2.5 if selected else 1.5
            scene.canvas.polyline(points, (0, 0, 0), width + 1.5, 0.45 * alpha, closed=True)
            scene.canvas.polyline(points, rgb, width, alpha, closed=True)
            if selected and scene.state.show_text:
                scale = scene.canvas.scale
                x, y = points[:, 0].max() + 6 * scale, points[:, 1].min() + 6 * scale
                text = f"{item.label} {item.score:.2f}"
                scene.painter.draw(scene.canvas, text, x, y, 12 * scale, rgb=rgb, alpha=1.0)


def cut(item: Detection, camera: SliceCamera, slab_mm: float = 0.0) -> NDArray[np.float64] | None:
    """The outline in which a plane cuts a detection's box.

    A slice stands for its whole thickness: a box that lies between two native
    slices is drawn on the nearer one, else small findings would never show.

    Parameters
    ----------
    item : Detection
        With centre and size in LPS mm.
    camera : SliceCamera
    slab_mm : float
        Thickness of a projected slab, 0 for a single slice.

    Returns
    -------
    (n, 3) ndarray of LPS points in order around the outline, or None if nothing is cut.
    """
    centre = np.asarray(item.centre, dtype=float)
    corners = centre + _CORNERS * np.asarray(item.size, dtype=float) / 2
    distance = camera.distance_mm(corners)
    reach = max(slab_mm, camera.step_mm) / 2
    low, high = float(distance.min()), float(distance.max())
    if low > reach or high < -reach:
        return None
    # Cut where the slab comes closest to the box's middle, strictly inside the box.
    margin = (high - low) * 1e-6
    at = float(np.clip(np.clip(camera.distance_mm(centre), -reach, reach), low, high))
    if low <= 0 <= high and slab_mm <= 0:
        at = 0.0
    at = float(np.clip(at, low + margin, high - margin))
    points = []
    for a, b in _EDGES:
        da, db = distance[a] - at, distance[b] - at
        if da * db < 0:
            points.append(corners[a] + (corners[b] - corners[a]) * da / (da - db))
    if len(points) < 3:
        return None
    ring = np.array(points)
    flat = camera.to_display(ring)
    around = flat - flat.mean(axis=0)
    return np.asarray(ring[np.argsort(np.arctan2(around[:, 1], around[:, 0]))])
