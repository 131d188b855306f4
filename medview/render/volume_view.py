"""`VolumeView`: a volume and its findings in three dimensions."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow

from medview.core.data.intensity import Window, default_window
from medview.core.geometry.grid import Grid
from medview.core.scene.cursor import Cursor
from medview.core.scene.layer import Layer
from medview.core.scene.viewport import VolumeState, VolumeViewport
from medview.render.adapters.base import VolumeAdapter
from medview.render.adapters.registry import volume_adapter
from medview.render.background import Background, at_once
from medview.render.cameras import SliceCamera
from medview.render.canvas import Canvas
from medview.render.capability import Capability, capability_of
from medview.render.caption import Caption, Mark
from medview.render.corner_text import FONT_PX, draw_corner_text
from medview.render.image_bridge import GridImage, VolumeImage
from medview.render.layers import LayerStack
from medview.render.orientation_letters import draw_orientation_letters
from medview.render.picking import first_hit
from medview.render.presets import VolumePreset, volume_preset
from medview.render.progressive import Progressive
from medview.render.text import TextPainter
from medview.render.volume_camera import aim, fitting, parallel_camera, turned
from medview.render.volume_copy import display_factors, merged_array, merged_grid
from medview.render.volume_prop import Caster, VolumeProp, make_caster
from medview.render.window import NoGraphicsError, offscreen_window, read_pixels

LABEL_RGB = (140, 178, 240)
_BAND_MARGIN = 3
THINNED = "reduced resolution"
UNAVAILABLE = Mark("This machine cannot draw in 3D", "red")

_log = logging.getLogger(__name__)


class VolumeView:
    """One volume, ray-cast, with surfaces and boxes of its layers.

    Parameters
    ----------
    viewport : VolumeViewport
        What to show; the view follows it and never changes it.
    cursor : Cursor
        The shared crosshair.
    request_render : callable
        Called whenever `frame` would return another picture; may be called often.
    background : Background
        Where volumes are thinned out and surfaces computed.
    painter : TextPainter, optional
    most_voxels_on_cpu : int, optional
        Where volumes are cast on the CPU, larger ones are thinned out to this. Preparing a
        voxel holds the interpreter for 70 ns in one piece, so a window wants fewer of them
        than a snapshot, which nobody scrolls meanwhile.

    Attributes
    ----------
    error : NoGraphicsError or None
        Why nothing can be drawn.
    """

    def __init__(
        self,
        viewport: VolumeViewport,
        cursor: Cursor,
        request_render: Callable[[], None],
        background: Background = at_once,
        painter: TextPainter | None = None,
        most_voxels_on_cpu: int | None = None,
    ) -> None:
        self._most_voxels_on_cpu = most_voxels_on_cpu
        self._viewport = viewport
        self._cursor = cursor
        self._request = request_render
        self._background = background
        self._painter = painter or TextPainter()
        self._width, self._height, self._scale = 400, 400, 1.0
        self._image: VolumeImage | None = None
        self._window_levels = Window(1.0, 0.5)
        self._caption = Caption()
        self._interactive = False
        self._closed = False
        self._thinned = False
        self.error: NoGraphicsError | None = None
        self._buffer = vtkUnsignedCharArray()
        self._renderer = vtkRenderer()
        self._renderer.SetBackground(0, 0, 0)
        self._window: vtkRenderWindow | None = None
        self._capability: Capability | None = None
        self._prop: VolumeProp | None = None
        self._progress = Progressive(self._draw)
        self._layers: LayerStack[VolumeAdapter] = LayerStack(self._adapter)
        viewport.changed.connect(self._on_state)

    # ------------------------------------------------------------------ content

    def set_image(self, image: VolumeImage | None) -> None:
        """Show another volume, or black for None.

        Where the machine cannot draw in 3D, the view stays black and says so.
        """
        self._image = image
        self._thinned = False
        if image is None:
            if self._prop is not None:
                self._prop.clear()
            self._layers.set_grid(None)
            self._changed()
            return
        try:
            prop, capability = self._start()
        except NoGraphicsError as error:
            _log.warning("No 3D view: %s", error.message)
            self.error = error
            self._image = None
            self._request()
            return
        prop.clear()
        volume = image.volume
        self._window_levels = default_window(volume.array, volume.intensity)
        factors = display_factors(image.grid, capability.voxel_budget, capability.texture_limit)
        preset, window = self._preset(self._viewport.state), self._window_levels

        def prepare() -> tuple[GridImage, Caster]:
            drawn: GridImage = image
            if factors != (1, 1, 1):
                drawn = GridImage(
                    merged_array(image.array, factors), merged_grid(image.grid, factors)
                )
            return drawn, make_caster(drawn, preset, window, capability)

        self._background(prepare, lambda made: self._use(image, *made))
        self._layers.set_grid(image.grid)
        self._changed()

    def refresh_image(self) -> None:
        """Draw anew after the image was filled in, as happens while a series loads."""
        if self._image is not None:
            self._image.touch()
            self.set_image(self._image)

    def prepare(self) -> None:
        """Make the graphics context now rather than with the first volume.

        It takes a moment that is better spent before the window is shown.
        """
        try:
            self._start()
        except NoGraphicsError as error:
            _log.warning("No 3D view: %s", error.message)
            self.error = error

    def set_caption(self, caption: Caption) -> None:
        """Show other corner lines and marks."""
        if caption != self._caption:
            self._caption = caption
            self._request()

    def add_layer(self, layer: Layer) -> None:
        """Show a layer; findings without a 3D picture are ignored.

        Raises
        ------
        GeometryError
            If the layer's finding cannot lie on the volume shown.
        """
        self._layers.add(layer)
        self._show_layers()
        self._changed()

    def remove_layer(self, layer_id: str) -> None:
        """Stop showing a layer; an unknown id is fine."""
        self._layers.remove(layer_id)
        self._changed()

    def set_interactive(self, interactive: bool) -> None:
        """Draw coarsely while the reader drags; afterwards the fine picture follows."""
        self._interactive = interactive
        if not interactive and not self._progress.is_complete:
            self._request()

    # ------------------------------------------------------------------ picture

    def resize(self, width: int, height: int, scale: float = 1.0) -> None:
        """Set the size of the frame in device pixels, and device pixels per logical pixel."""
        size = (max(1, int(width)), max(1, int(height)), max(0.25, float(scale)))
        if size != (self._width, self._height, self._scale):
            self._width, self._height, self._scale = size
            self._changed()

    def frame(self) -> NDArray[np.uint8]:
        """The best picture so far; asks for another render until the fine one is whole.

        Returns
        -------
        (height, width, 3) ndarray of uint8
            Top row first; the caller's to keep.
        """
        if self._window is None or self._closed:
            return self._with_text(np.zeros((self._height, self._width, 3), dtype=np.uint8))
        picture = self._progress.step(self._width, self._height, refine=not self._interactive)
        if not self._interactive and not self._progress.is_complete:
            self._request()
        return self._with_text(picture.copy())

    def final_frame(self) -> NDArray[np.uint8]:
        """The fine picture, however long it takes: for snapshots."""
        if self._window is None or self._closed:
            return self.frame()
        return self._with_text(self._progress.whole(self._width, self._height).copy())

    def rotate(self, dx: float, dy: float) -> dict[str, Any]:
        """Fields of `VolumeState` after a drag of (dx, dy) frame pixels, y down."""
        return turned(self._viewport.state, dx, dy, min(self._width, self._height))

    def fit(self) -> dict[str, Any]:
        """Fields of `VolumeState` that show the whole volume from the front; empty without one."""
        if self._image is None:
            return {}
        return fitting(self._image.grid, self._width, self._height)

    def camera(self) -> SliceCamera:
        """How pixels map to the plane through the focus that faces the reader."""
        return parallel_camera(self._viewport.state, self._width, self._height)

    def display_to_lps(self, x: float, y: float) -> NDArray[np.float64] | None:
        """The (3,) LPS point seen at frame pixels, y down: the first dense voxel or label there."""
        prop = self._prop
        if self._image is None or prop is None or prop.image is None:
            return None
        state = self._viewport.state
        return first_hit(
            self.camera().to_lps(x, y),
            self.camera().normal,
            prop.image if state.show_volume else None,
            self._preset(state),
            self._window_levels,
            self._layers.layers if state.show_layers else (),
            self._image.grid,
        )

    def lps_to_display(self, lps_mm: tuple[float, float, float]) -> tuple[float, float]:
        """Frame pixels of an LPS point, projected along the line of sight."""
        x, y = self.camera().to_display(lps_mm)
        return float(x), float(y)

    def close(self) -> None:
        """Unsubscribe, empty the scene, then give the graphics context back; idempotent."""
        if self._closed:
            return
        self._closed = True
        self._request = _nothing
        self._viewport.changed.disconnect(self._on_state)
        self._layers.close()
        if self._prop is not None:
            self._prop.close()
        if self._window is not None:
            self._window.RemoveRenderer(self._renderer)
            self._window.Finalize()
        self._prop = self._window = self._image = None

    # ------------------------------------------------------------------ parts

    def _start(self) -> tuple[VolumeProp, Capability]:
        if self._prop is None or self._capability is None:
            self._window = offscreen_window()
            found = capability_of(self._window)
            if found.is_software and self._most_voxels_on_cpu is not None:
                budget = min(found.voxel_budget, self._most_voxels_on_cpu)
                found = replace(found, voxel_budget=budget)
            self._capability = found
            self._window.AddRenderer(self._renderer)
            self._prop = VolumeProp(self._renderer, self._capability)
        return self._prop, self._capability

    def _use(self, source: VolumeImage, drawn: GridImage, caster: Caster) -> None:
        if self._closed or self._prop is None or self._image is not source:
            return
        self._prop.show(drawn, caster)
        self._thinned = drawn is not source
        self._apply(self._viewport.state)
        self._changed()

    def _apply(self, state: VolumeState) -> None:
        if self._prop is not None:
            self._prop.set_preset(self._preset(state), self._window_levels)
            self._prop.set_visible(state.show_volume)

    def _preset(self, state: VolumeState) -> VolumePreset:
        assert self._image is not None
        return volume_preset(state.preset, self._image.volume.intensity)

    def _draw(self, coarse: bool, first: int, end: int) -> NDArray[np.uint8]:
        assert self._window is not None
        window, renderer = self._window, self._renderer
        if tuple(window.GetSize()) != (self._width, self._height):
            window.SetSize(self._width, self._height)
        # A ray caster leaves the outermost row of its viewport empty: draw more than is taken.
        low, high = max(0, first - _BAND_MARGIN), min(self._height, end + _BAND_MARGIN)
        band = (low / self._height, high / self._height)
        renderer.SetViewport(0, band[0], 1, band[1])
        aim(renderer.GetActiveCamera(), self._viewport.state, self._bounds(), band)
        if self._prop is not None:
            self._prop.set_coarse(coarse)
        started = perf_counter()
        window.Render()
        if coarse and self._prop is not None:
            self._prop.tune(perf_counter() - started)
        return read_pixels(window, self._buffer, (first, end))

    def _bounds(self) -> NDArray[np.float64]:
        if self._image is not None:
            return self._image.grid.bounds_lps_mm()
        return np.array([(-1.0, -1.0, -1.0), (1.0, 1.0, 1.0)])

    def _with_text(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        canvas = Canvas(frame, self._scale)
        state = self._viewport.state
        caption = self._caption
        if self.error is not None:
            caption = caption.with_mark(UNAVAILABLE)
        if not state.show_text:
            draw_corner_text(canvas, self._painter, Caption(marks=caption.marks))
            return frame
        if self._image is not None:
            size = (FONT_PX + 1) * self._scale
            draw_orientation_letters(canvas, self._painter, self.camera(), size)
            if state.show_volume:
                name = self._preset(state).name
                lines = (name, THINNED) if self._thinned else (name,)
                caption = replace(caption, top_right=(*lines, *caption.top_right))
        draw_corner_text(canvas, self._painter, caption, label="3D", label_rgb=LABEL_RGB)
        return frame

    def _adapter(self, layer: Layer, grid: Grid) -> VolumeAdapter | None:
        return volume_adapter(layer, grid, self._renderer, self._changed, self._background)

    def _show_layers(self) -> None:
        for adapter in self._layers:
            adapter.set_shown(self._viewport.state.show_layers)

    def _changed(self) -> None:
        self._progress.invalidate()
        self._request()

    def _on_state(self, new: VolumeState, old: VolumeState) -> None:
        if (new.preset, new.show_volume) != (old.preset, old.show_volume) and self._image:
            self._apply(new)
        if new.show_layers != old.show_layers:
            self._show_layers()
        if replace(new, show_text=old.show_text) == old:
            self._request()
        else:
            self._changed()


def _nothing() -> None:
    """What a closed view asks for."""
