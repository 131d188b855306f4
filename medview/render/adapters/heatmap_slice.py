"""Heatmaps on slices: interpolated colour, solid where values are high, with a colour bar."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from medview.core.findings.heatmap import Heatmap
from medview.core.geometry.grid import Grid
from medview.core.scene.layer import Layer
from medview.render.adapters.base import LayerAdapter, SliceScene, grid_of
from medview.render.image_bridge import ArrayImage
from medview.render.luts import heat_table
from medview.render.sampling import PlaneSampler

_STEPS = 255
_BAR_MIN_VIEW_PX = 260


class HeatmapSlice(LayerAdapter):
    """Draws one heatmap, on its own grid, on one slice view."""

    def __init__(
        self, layer: Layer, heatmap: Heatmap, source: Grid, request_render: Callable[[], None]
    ) -> None:
        super().__init__(layer, request_render)
        self._heatmap = heatmap
        array = np.ascontiguousarray(heatmap.array, dtype=np.float32)
        self._sampler = PlaneSampler(ArrayImage(array), grid_of(heatmap, source), "linear")
        # Outside its grid a heatmap says nothing; -inf falls below every threshold.
        self._sampler.set_background(float(np.finfo(np.float32).min))
        self._colours = heat_table()

    def paint(self, scene: SliceScene) -> None:
        """Mix the colours into the frame and draw the bar."""
        state = self.layer.state
        if not state.visible:
            return
        low, high = self._heatmap.range
        values = np.asarray(self._sampler.sample_layer(scene.camera, scene.state), np.float32)
        fraction = (values - np.float32(low)) * np.float32(1 / max(high - low, 1e-12))
        # Entry 0 is kept for "not drawn".
        index = (1.5 + np.clip(fraction, 0, 1) * (_STEPS - 1)).astype(np.uint8)
        index[(values < max(state.threshold, low)) | ~np.isfinite(values)] = 0
        scene.canvas.mix_table(index, self._table(state.opacity))
        self._bar(scene)

    def _table(self, opacity: float) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
        table = np.zeros((_STEPS + 1, 4), dtype=np.uint8)
        table[1:] = self._colours[np.linspace(0, 255, _STEPS).round().astype(int)]
        # The layer's opacity is that of the middle; low values step back, high ones stand out.
        ramp = np.clip(np.linspace(0, 2, _STEPS) * opacity, 0, max(opacity, 0.85 * (opacity > 0)))
        table[1:, 3] = np.round(255 * ramp)
        return table

    def _bar(self, scene: SliceScene) -> None:
        canvas, scale = scene.canvas, scene.canvas.scale
        if not scene.state.show_text or min(canvas.width, canvas.height) < _BAR_MIN_VIEW_PX * scale:
            return
        size = 11 * scale
        wide, high = 8 * scale, 110 * scale
        left, top = 34 * scale, canvas.height / 2 - high / 2
        steps = 32
        for step in range(steps):
            red, green, blue, _ = self._colours[round(255 * (1 - (step + 0.5) / steps))]
            y = top + high * step / steps
            rgb = (int(red), int(green), int(blue))
            canvas.fill_rect(left, y, left + wide, y + high / steps, rgb)
        low, bound = self._heatmap.range
        x = left + wide + 5 * scale
        scene.painter.draw(canvas, f"{bound:g}", x, top, size)
        scene.painter.draw(canvas, f"{low:g}", x, top + high, size)
        meaning = self._heatmap.meaning
        scene.painter.draw(canvas, meaning, left, top - 14 * scale, size)

    def close(self) -> None:
        """Unsubscribe and let go of the array."""
        super().close()
        self._sampler.close()
