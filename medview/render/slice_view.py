"""`SliceView`: draws one plane of a volume with its layers, crosshair and text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.geometry.grid import Grid
from medview.core.scene.cursor import Cursor
from medview.core.scene.layer import Layer
from medview.core.scene.viewport import SliceState, SliceViewport
from medview.render.adapters.base import SliceAdapter, SliceScene
from medview.render.adapters.registry import slice_adapter
from medview.render.cameras import SliceCamera, fitting_slice, slice_camera
from medview.render.canvas import Canvas
from medview.render.caption import Caption, place_lines, window_lines
from medview.render.corner_text import FONT_PX, draw_corner_text
from medview.render.crosshair import PLANE_COLOURS, draw_crosshair
from medview.render.image_bridge import VolumeImage
from medview.render.layers import LayerStack
from medview.render.orientation_letters import draw_orientation_letters
from medview.render.sampling import PlaneSampler, inside_grid
from medview.render.text import TextPainter
from medview.render.windowing import Windowing

_MIN_LETTERS_PX = 120


class SliceView:
    """One plane of one volume. Needs no OpenGL.

    Parameters
    ----------
    viewport : SliceViewport
        What to show; the view follows it and never changes it.
    cursor : Cursor
        The shared crosshair.
    request_render : callable
        Called whenever `frame` would return another picture; may be called often.
    painter : TextPainter, optional
        Shared by views that want to share rendered text.
    """

    def __init__(
        self,
        viewport: SliceViewport,
        cursor: Cursor,
        request_render: Callable[[], None],
        painter: TextPainter | None = None,
    ) -> None:
        self._viewport = viewport
        self._cursor = cursor
        self._request = request_render
        self._painter = painter or TextPainter()
        self._width, self._height, self._scale = 400, 400, 1.0
        self._image: VolumeImage | None = None
        self._sampler: PlaneSampler | None = None
        self._sampled: tuple[tuple[object, ...], NDArray[np.generic]] | None = None
        self._windowing = Windowing()
        self._caption = Caption()
        self._layers: LayerStack[SliceAdapter] = LayerStack(self._adapter)
        self._closed = False
        viewport.changed.connect(self._on_state)
        cursor.changed.connect(self._on_cursor)

    # ------------------------------------------------------------------ content

    def set_image(self, image: VolumeImage | None) -> None:
        """Show another volume, or black for None."""
        if self._sampler is not None:
            self._sampler.close()
        self._image, self._sampler, self._sampled = image, None, None
        if image is not None:
            self._sampler = PlaneSampler(image, image.grid, "linear")
            self._sampler.set_background(_darkest(image.array.dtype))
        self._layers.set_grid(image.grid if image is not None else None)
        self._request()

    def refresh_image(self) -> None:
        """Draw anew after slices of the image were filled in, as happens while a series loads."""
        if self._image is not None:
            self._image.touch()
            self._sampled = None
            self._request()

    def set_caption(self, caption: Caption) -> None:
        """Show other corner lines and marks."""
        if caption != self._caption:
            self._caption = caption
            self._request()

    def add_layer(self, layer: Layer) -> None:
        """Draw a layer on top; findings without a place in the picture are ignored.

        Raises
        ------
        GeometryError
            If the layer's finding cannot lie on the volume shown.
        """
        self._layers.add(layer)
        self._request()

    def remove_layer(self, layer_id: str) -> None:
        """Stop drawing a layer; an unknown id is fine."""
        self._layers.remove(layer_id)
        self._request()

    # ------------------------------------------------------------------ picture

    def resize(self, width: int, height: int, scale: float = 1.0) -> None:
        """Set the size of the frame in device pixels, and device pixels per logical pixel."""
        size = (max(1, int(width)), max(1, int(height)), max(0.25, float(scale)))
        if size != (self._width, self._height, self._scale):
            self._width, self._height, self._scale = size
            self._request()

    def frame(self) -> NDArray[np.uint8]:
        """Draw.

        Returns
        -------
        (height, width, 3) ndarray of uint8
            Top row first; the caller's to keep.
        """
        frame = np.zeros((self._height, self._width, 3), dtype=np.uint8)
        state = self._viewport.state
        camera = self.camera()
        canvas = Canvas(frame, self._scale)
        if camera is None or self._image is None:
            return frame
        self._draw_image(frame, camera, state)
        if state.show_layers:
            scene = SliceScene(canvas, camera, state, self._painter)
            for adapter in self._layers:
                adapter.paint(scene)
        grid = self._image.grid
        if state.show_crosshair:
            position = self._cursor.state.position_lps_mm
            draw_crosshair(canvas, camera, grid, state.plane, position)
        self._draw_text(canvas, camera, grid, state)
        return frame

    def camera(self) -> SliceCamera | None:
        """How pixels map to LPS now; None without an image."""
        if self._image is None:
            return None
        return slice_camera(self._image.grid, self._viewport.state, self._width, self._height)

    def fit(self) -> dict[str, Any]:
        """Fields of `SliceState` that show the whole slice; empty without an image."""
        if self._image is None:
            return {}
        focus, height = fitting_slice(
            self._image.grid, self._viewport.state, self._width, self._height
        )
        return {"focus_lps_mm": focus, "height_mm": height}

    def display_to_lps(self, x: float, y: float) -> NDArray[np.float64] | None:
        """The (3,) LPS point of the plane under frame pixels, y down; None without an image."""
        camera = self.camera()
        return None if camera is None else camera.to_lps(x, y)

    def lps_to_display(self, lps_mm: tuple[float, float, float]) -> tuple[float, float]:
        """Frame pixels of an LPS point, projected onto the plane; (nan, nan) without an image."""
        camera = self.camera()
        if camera is None:
            return float("nan"), float("nan")
        x, y = camera.to_display(lps_mm)
        return float(x), float(y)

    def close(self) -> None:
        """Unsubscribe and let go of image and layers; idempotent."""
        if self._closed:
            return
        self._closed = True
        self._request = _nothing
        self._viewport.changed.disconnect(self._on_state)
        self._cursor.changed.disconnect(self._on_cursor)
        self._layers.close()
        self.set_image(None)

    # ------------------------------------------------------------------ parts

    def _draw_image(self, frame: NDArray[np.uint8], camera: SliceCamera, state: SliceState) -> None:
        assert self._sampler is not None
        key = (*camera.key(), state.slab_mode, state.slab_mm, state.smooth)
        if self._sampled is None or self._sampled[0] != key:
            self._sampler.set_interpolation("linear" if state.smooth else "nearest")
            values = self._sampler.sample(camera, state.slab_mode, state.slab_mm)
            self._sampled = (key, values)
        values = self._sampled[1]
        if values.ndim == 3:
            frame[:] = values[..., :3]
            return
        grey = self._windowing.grey(values, state.window, state.inverted)
        if state.inverted or state.window.low < self._sampler.background:
            # What lies outside the volume is black, whatever the window makes of its filling.
            grey = np.where(inside_grid(camera=camera, grid=self._grid()), grey, np.uint8(0))
        frame[:] = grey[..., None]

    def _draw_text(
        self, canvas: Canvas, camera: SliceCamera, grid: Grid, state: SliceState
    ) -> None:
        if state.show_text:
            if min(self._width, self._height) >= _MIN_LETTERS_PX * self._scale:
                size = (FONT_PX + 1) * self._scale
                draw_orientation_letters(canvas, self._painter, camera, size)
            place = self._caption.place
            place = place_lines(grid, state) if place is None else place
            caption = replace(
                self._caption,
                top_right=window_lines(state) + self._caption.top_right,
                bottom_right=self._caption.bottom_right + place,
            )
            label = str(state.plane)
        else:
            # Marks stay: a doubt about the data may not be switched off.
            caption = Caption(marks=self._caption.marks)
            label = ""
        rgb = PLANE_COLOURS[state.plane]
        draw_corner_text(canvas, self._painter, caption, label=label, label_rgb=rgb)

    def _grid(self) -> Grid:
        assert self._image is not None
        return self._image.grid

    def _adapter(self, layer: Layer, grid: Grid) -> SliceAdapter | None:
        return slice_adapter(layer, grid, self._ask)

    def _ask(self) -> None:
        self._request()

    def _on_state(self, _new: object, _old: object) -> None:
        self._request()

    def _on_cursor(self, _new: object, _old: object) -> None:
        self._request()


def _darkest(dtype: np.dtype[Any]) -> float:
    """The least value of a pixel type: black under every window that is not inverted."""
    return float(np.iinfo(dtype).min if dtype.kind in "iu" else np.finfo(np.float32).min)


def _nothing() -> None:
    """What a closed view asks for."""
