"""Label maps on slices: translucent fill and a solid outline that follows voxel edges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.findings.labelmap import LabelMap
from medview.core.geometry.grid import Grid
from medview.core.scene.layer import Layer
from medview.render.adapters.base import LayerAdapter, SliceScene, grid_of
from medview.render.image_bridge import ArrayImage
from medview.render.luts import label_table
from medview.render.sampling import PlaneSampler


class LabelMapSlice(LayerAdapter):
    """Draws one label map on one slice view.

    There is no choice of interpolation: between labels 1 and 3 a linear one would
    paint a border of label 2, a structure that does not exist.
    """

    def __init__(
        self, layer: Layer, labelmap: LabelMap, source: Grid, request_render: Callable[[], None]
    ) -> None:
        super().__init__(layer, request_render)
        self._labelmap = labelmap
        self._image = ArrayImage(drawable_labels(labelmap.array))
        self._sampler = PlaneSampler(self._image, grid_of(labelmap, source), "nearest")
        self._sampler.set_background(0)

    def paint(self, scene: SliceScene) -> None:
        """Mix fill and outline into the frame."""
        state = self.layer.state
        if not state.visible:
            return
        # Through a thick slab a structure shows wherever the slab meets it.
        labels = self._sampler.sample_layer(scene.camera, scene.state).astype(np.intp)
        if not labels.any():
            return
        solid = label_table(self._labelmap, state, 1.0)
        fill = label_table(self._labelmap, state, state.opacity)
        edges = outline(labels, solid, max(1, round(1.5 * scene.canvas.scale)))
        # One table for both: the outline's colours follow those of the fill.
        labels[edges] += len(fill)
        scene.canvas.mix_table(labels, np.concatenate([fill, solid]))

    def close(self) -> None:
        """Unsubscribe and let go of the array."""
        super().close()
        self._sampler.close()


def drawable_labels(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """Labels as an array that VTK reads without a copy; uint8 and uint16 pass as they are."""
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))


def outline(
    labels: NDArray[np.integer[Any]], table: NDArray[np.uint8], width: int
) -> NDArray[np.bool_]:
    """(height, width): pixels of a shown label within `width` pixels of another one.

    Lies inside the structure, so that neighbours keep a line each.
    """
    shown = table[:, 3] != 0
    seen = np.where(np.take(shown, labels), labels, 0).astype(np.uint16)
    edge = np.zeros(seen.shape, dtype=bool)
    for step in range(1, width + 1):
        differs = seen[step:] != seen[:-step]
        edge[step:] |= differs
        edge[:-step] |= differs
        differs = seen[:, step:] != seen[:, :-step]
        edge[:, step:] |= differs
        edge[:, :-step] |= differs
    return np.asarray(edge & (seen != 0))
