"""Overlay graphics of a file, drawn over the very slices that they came with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from medview.core.data.overlay import OverlayGraphics
from medview.core.errors import GeometryError
from medview.core.geometry.grid import Grid
from medview.core.geometry.orient import canonical_order
from medview.core.scene.layer import Layer
from medview.render.adapters.base import LayerAdapter, SliceScene
from medview.render.image_bridge import ArrayImage
from medview.render.luts import overlay_table
from medview.render.sampling import PlaneSampler

_PLANES = ("axial", "coronal", "sagittal")


class OverlaySlice(LayerAdapter):
    """Draws graphics on one slice view, in the plane of acquisition only.

    Cut across, lines and letters would be dots without meaning.

    Raises
    ------
    GeometryError
        If the graphics do not have the source's slices.
    """

    def __init__(
        self,
        layer: Layer,
        graphics: OverlayGraphics,
        source: Grid,
        request_render: Callable[[], None],
    ) -> None:
        super().__init__(layer, request_render)
        if len(graphics.masks) != source.shape[0]:
            raise GeometryError("The overlay does not have the slices of the series.")
        self._graphics = graphics
        self._grid = source
        self._plane = _PLANES[canonical_order(source).axes.index(0)]
        self._sampler: PlaneSampler | None = None
        self._sampled: int | None = None

    def paint(self, scene: SliceScene) -> None:
        """Mix the graphics of the slice in the middle of the view into the frame."""
        state = self.layer.state
        if not state.visible or scene.state.plane != self._plane:
            return
        place = self._grid.to_index(np.asarray(scene.state.focus_lps_mm))
        k = int(np.clip(round(float(place[0])), 0, self._grid.shape[0] - 1))
        sampler = self._sampler_of(k)
        if sampler is None:
            return
        sampler.set_interpolation("linear" if scene.state.smooth else "nearest")
        cover = sampler.sample(scene.camera).astype(np.intp)
        scene.canvas.mix_table(cover, overlay_table(state))

    def close(self) -> None:
        """Unsubscribe and let go of the sampled slice."""
        super().close()
        self._drop()

    def _sampler_of(self, k: int) -> PlaneSampler | None:
        if self._sampled == k:
            return self._sampler
        self._drop()
        self._sampled = k
        mask = self._graphics.masks[k]
        if mask is not None:
            cover = np.multiply(mask[np.newaxis], np.uint8(255), dtype=np.uint8)
            grid = self._grid.crop((k, 0, 0), cover.shape)
            self._sampler = PlaneSampler(ArrayImage(cover), grid, "linear")
            self._sampler.set_background(0)
        return self._sampler

    def _drop(self) -> None:
        if self._sampler is not None:
            self._sampler.close()
        self._sampler = self._sampled = None
