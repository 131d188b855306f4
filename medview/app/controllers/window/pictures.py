"""`Pictures`: photographs, radiographs and stacks, read as single pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from medview.app import navigation as nav
from medview.app import readout
from medview.core.data.image2d import Image2D
from medview.core.data.intensity import Intensity, Window, default_window
from medview.core.data.overlay import OverlayGraphics
from medview.core.data.stack import Stack
from medview.core.scene.layer import Layer
from medview.render.canvas import Canvas
from medview.render.luts import overlay_colour
from medview.render.windowing import Windowing
from medview.view.panes.image_pane import ImagePane

Spacing = tuple[float, float] | None


class Pictures:
    """Shows an `Image2D` or the slices of a `Stack` in the image pane.

    Parameters
    ----------
    pane : ImagePane
    show_value : callable
        Takes the value under the pointer in words.
    """

    def __init__(self, pane: ImagePane, show_value: Callable[[str], None]) -> None:
        self._pane = pane
        self._show_value = show_value
        self._windowing = Windowing()
        self._pixels: tuple[NDArray[np.generic], ...] = ()
        self._spacing: tuple[Spacing, ...] = ()
        self._labels: tuple[str, ...] = ()
        self._intensity = Intensity.ARBITRARY
        self._caption = ""
        self._index = 0
        self._times, self._time = 1, 0
        self.on_time_steps: Callable[[int], None] = lambda steps: None
        self._window = self._first_window = Window(1.0, 0.5)
        self._inverted = self._first_inverted = False
        self._overlay: Layer | None = None
        pane.scrolled.connect(self.scroll)
        pane.slice_requested.connect(self.to)
        pane.window_dragged.connect(self.drag_window)
        pane.pointer_moved.connect(self._tell_value)
        pane.pointer_left.connect(lambda: show_value(""))

    @property
    def is_showing(self) -> bool:
        """Whether there is a picture."""
        return bool(self._pixels)

    @property
    def moves(self) -> bool:
        """Whether going on means another time and not another slice."""
        return self._times > 1

    def show(
        self, data: Image2D | Stack, window: Window | None, caption: str, *, times: int = 1
    ) -> None:
        """Show other data, at the middle slice of a stack.

        Parameters
        ----------
        data : Image2D or Stack
        window : Window or None
            That of the file; None takes one from the values.
        caption : str
            Lines for the upper left corner.
        times : int
            Time points of an image that moves.
        """
        self._times, self._time = times, data.info.time
        if isinstance(data, Stack):
            self._pixels, self._spacing, self._labels = data.slices, data.spacing_mm, data.labels
            self._intensity = data.info.intensity
        else:
            self._pixels, self._spacing, self._labels = (data.array,), (data.spacing_mm,), ("",)
            self._intensity = data.intensity
        self._caption = caption
        self._index = len(self._pixels) // 2
        self._first_inverted = data.info.is_shown_inverted
        self._inverted = self._first_inverted
        shown = self._pixels[self._index]
        self._first_window = window or default_window(shown, self._intensity)
        self._window = self._first_window
        self._draw()
        self._pane.fit()

    def go_on_with(self, data: Image2D) -> None:
        """Show another time of the same image; window, zoom and place stay."""
        self._pixels, self._time = (data.array,), data.info.time
        self._draw()

    def set_overlay(self, layer: Layer | None) -> None:
        """Draw graphics of the files over the pictures, as the layer says; None for none."""
        if layer is self._overlay:
            return
        if self._overlay is not None:
            self._overlay.changed.disconnect(self._on_overlay)
        self._overlay = layer
        if layer is not None:
            layer.changed.connect(self._on_overlay)
        self._draw()

    def clear(self) -> None:
        """Show nothing."""
        self.set_overlay(None)
        self._pixels = ()
        self._times = 1
        self._pane.set_picture(None)

    def set_caption(self, caption: str) -> None:
        """Other lines for the upper left corner."""
        self._caption = caption
        self._draw()

    def scroll(self, steps: int) -> None:
        """Go on in the stack, or in time."""
        if self.moves:
            self.on_time_steps(steps)
        else:
            self.to(self._index + steps)

    def next_round_and_round(self) -> None:
        """Show the next slice of the stack, and the first one after the last."""
        self.to((self._index + 1) % max(len(self._pixels), 1))

    def to(self, index: int) -> None:
        """Show a slice of the stack (0-based, clipped)."""
        if self.moves:
            self.on_time_steps(index - self._time)
            return
        index = min(max(index, 0), len(self._pixels) - 1)
        if self._pixels and index != self._index:
            self._index = index
            self._draw()

    def to_last(self) -> None:
        """Show the last slice of the stack, or the last time."""
        self.to(max(len(self._pixels), self._times) - 1)

    def drag_window(self, dx: float, dy: float) -> None:
        """Window / level by hand."""
        rate = nav.drag_rate(self._first_window)
        self.set_window(nav.with_window_dragged(self._window, dx, dy, rate))

    def set_window(self, window: Window) -> None:
        """Take a window."""
        self._window = window
        self._draw()

    def reset(self) -> None:
        """Take back window, inversion, zoom and place."""
        self._window, self._inverted = self._first_window, self._first_inverted
        self._draw()
        self._pane.fit()

    def toggle_inverted(self) -> None:
        """Swap black and white."""
        self._inverted = not self._inverted
        self._draw()

    def _draw(self) -> None:
        if not self._pixels:
            return
        pixels = self._pixels[self._index]
        if pixels.ndim == 3:
            rgb = np.asarray(pixels, dtype=np.uint8)
            rgb = 255 - rgb if self._inverted else rgb
        else:
            grey = self._windowing.grey(pixels, self._window, self._inverted)
            rgb = np.repeat(grey[:, :, np.newaxis], 3, axis=2)
        self._pane.set_picture(self._with_overlay(rgb))
        if self.moves:
            self._pane.set_frames(self._times, self._time, "t")
        else:
            # Labels of slices tell their place themselves.
            name = "" if self._labels[self._index] else "im"
            self._pane.set_frames(len(self._pixels), self._index, name)
        lines = [self._caption, self._labels[self._index]]
        if pixels.ndim == 2:
            lines.append(f"W {self._window.width:.4g}  L {self._window.level:.4g}")
        self._pane.set_caption("\n".join(line for line in lines if line))

    def _with_overlay(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        layer = self._overlay
        if layer is None or not layer.state.visible:
            return rgb
        graphics = layer.finding
        if not isinstance(graphics, OverlayGraphics) or self._index >= len(graphics.masks):
            return rgb
        mask = graphics.masks[self._index]
        if mask is None or mask.shape != rgb.shape[:2]:
            return rgb
        out = rgb.copy()
        Canvas(out).mask(mask, overlay_colour(layer.state), layer.state.opacity)
        return out

    def _on_overlay(self, _new: object, _old: object) -> None:
        self._draw()

    def _tell_value(self, column: float, row: float) -> None:
        if self._pixels:
            spacing = self._spacing[self._index]
            pixels = self._pixels[self._index]
            self._show_value(readout.of_picture(pixels, self._intensity, spacing, column, row))
