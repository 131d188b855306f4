"""`snapshot`: the views of a volume as one picture, without a window or a display."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from medview.core.data.intensity import Window, default_window
from medview.core.data.volume import Volume
from medview.core.errors import UsageError
from medview.core.geometry.grid import Grid
from medview.core.geometry.plane import at_slice, slice_index
from medview.core.scene.cursor import Cursor, CursorState
from medview.core.scene.layer import Layer
from medview.core.scene.layout import Layout
from medview.core.scene.viewport import (
    PlaneName,
    Point,
    SliceState,
    SliceViewport,
    VolumeState,
    VolumeViewport,
)
from medview.render.caption import Caption
from medview.render.image_bridge import VolumeImage
from medview.render.presets import volume_preset
from medview.render.slice_view import SliceView
from medview.render.text import TextPainter
from medview.render.volume_view import VolumeView

FRAME_GREY = 48
_MIN_SIDE, _MAX_SIDE = 64, 16384

Pixels = NDArray[np.uint8]


def snapshot(
    volume: Volume,
    layers: Sequence[Layer] = (),
    layout: Layout = Layout.FOUR_UP,
    size: tuple[int, int] = (1600, 1000),
    *,
    window: Window | None = None,
    at_lps_mm: Point | None = None,
    caption: Caption | None = None,
    preset: str = "CT bone",
    scale: float = 1.0,
) -> Pixels:
    """Draw a volume with its findings as the application's window does.

    Parameters
    ----------
    volume : Volume
    layers : sequence of Layer
        Bottom first.
    layout : Layout
    size : (int, int)
        Width and height in pixels, 64 to 16384 each.
    window : Window, optional
        Else the one that suits the values.
    at_lps_mm : (x, y, z), optional
        Where the planes cut, in LPS mm; else the middle of the volume.
    caption : Caption, optional
        Corner lines and marks. Identifiers are shown only if it holds them.
    preset : str
        Of the volume rendering; one that does not suit the values is replaced.
    scale : float
        Size of text and lines, 1 for an ordinary screen.

    Returns
    -------
    (height, width, 3) ndarray of uint8

    Raises
    ------
    UsageError
        If the size is out of bounds, the point lies outside the volume, or there is no such preset.
    GeometryError
        If a layer lies in another frame of reference than the volume.
    NoGraphicsError
        If the layout has a 3D view and this machine cannot draw one.
    """
    width, height = size
    if not (min(size) >= _MIN_SIDE and max(size) <= _MAX_SIDE):
        raise UsageError(f"A snapshot is {_MIN_SIDE} to {_MAX_SIDE} pixels wide and high.")
    position = at_lps_mm or _middle(volume.grid)
    if not bool(volume.grid.contains(position)):
        raise UsageError(
            "The point asked for lies outside the volume; "
            f"its middle is at {', '.join(f'{v:.1f}' for v in volume.grid.centre_lps_mm)} mm."
        )
    studio = _Studio(volume, layers, window, position, caption or Caption(), preset, scale)
    if layout is Layout.VOLUME:
        return studio.volume(width, height)
    if layout is not Layout.FOUR_UP:
        return studio.plane(_plane(layout), width, height)
    # A line one pixel wide (at scale 1) between the views, as in the window.
    gap = max(1, round(scale))
    left, top = (width - gap) // 2, (height - gap) // 2
    right, bottom = width - gap - left, height - gap - top
    out = np.full((height, width, 3), FRAME_GREY, dtype=np.uint8)
    out[:top, :left] = studio.plane("axial", left, top)
    out[:top, -right:] = studio.plane("coronal", right, top)
    out[-bottom:, :left] = studio.plane("sagittal", left, bottom)
    out[-bottom:, -right:] = studio.volume(right, bottom)
    return out


def _middle(grid: Grid) -> Point:
    # The centre of an even count lies between two slices; show native ones, as the window does.
    point = np.asarray(grid.centre_lps_mm)
    for plane in get_args(PlaneName):
        point = at_slice(grid, plane, point, slice_index(grid, plane, point))
    x, y, z = (float(v) for v in point)
    return x, y, z


class _Studio:
    """Makes one view after the other on the same image."""

    def __init__(
        self,
        volume: Volume,
        layers: Sequence[Layer],
        window: Window | None,
        position: Point,
        caption: Caption,
        preset: str,
        scale: float,
    ) -> None:
        self._image = VolumeImage(volume)
        self._layers = layers
        self._window = window or default_window(volume.array, volume.intensity)
        self._position = position
        self._caption = caption
        self._preset = volume_preset(preset, volume.intensity).name
        self._scale = scale
        self._cursor = Cursor(CursorState(position))
        self._painter = TextPainter()

    def plane(self, plane: PlaneName, width: int, height: int) -> Pixels:
        """One slice view, the whole slice in sight."""
        state = SliceState(
            plane=plane,
            focus_lps_mm=self._position,
            window=self._window,
            inverted=self._image.volume.info.is_shown_inverted,
        )
        viewport = SliceViewport(state)
        view = SliceView(viewport, self._cursor, _nothing, self._painter)
        try:
            view.resize(width, height, self._scale)
            view.set_image(self._image)
            viewport.update(**view.fit())
            view.set_caption(self._caption)
            for layer in self._layers:
                view.add_layer(layer)
            return view.frame()
        finally:
            view.close()

    def volume(self, width: int, height: int) -> Pixels:
        """The volume view from the front."""
        viewport = VolumeViewport(VolumeState(preset=self._preset))
        view = VolumeView(viewport, self._cursor, _nothing, painter=self._painter)
        try:
            view.resize(width, height, self._scale)
            view.set_image(self._image)
            if view.error is not None:
                raise view.error
            viewport.update(**view.fit())
            view.set_caption(self._caption)
            for layer in self._layers:
                view.add_layer(layer)
            return view.final_frame()
        finally:
            view.close()


def _plane(layout: Layout) -> PlaneName:
    names: dict[Layout, PlaneName] = {
        Layout.AXIAL: "axial",
        Layout.CORONAL: "coronal",
        Layout.SAGITTAL: "sagittal",
    }
    return names[layout]


def _nothing() -> None:
    """A snapshot is drawn once; nobody waits for another frame."""
