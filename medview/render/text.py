"""`TextPainter`: crisp text with a soft dark halo, from FreeType through VTK, onto a frame."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import vtkmodules.vtkRenderingFreeType  # noqa: F401  registers the text renderer
from numpy.typing import NDArray
from vtkmodules.util import numpy_support
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkRenderingCore import vtkTextProperty, vtkTextRenderer

from medview.core.findings.labelmap import Rgb
from medview.render.canvas import Canvas

WHITE: Rgb = (255, 255, 255)
TEXT_ALPHA = 0.85
_VTK_FONT_FILE = 4
_CACHED_PATCHES = 256

_FONT_FILES = (
    "C:/Windows/Fonts/segoeui.ttf",
    "/System/Library/Fonts/Helvetica.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
)
"""Faces with tabular figures and more scripts than the built-in one; the first is used."""


@dataclass(frozen=True, eq=False, slots=True)
class _Patch:
    """What to do to the pixels under a text: ``new = old * keep / 256 + add``."""

    keep: NDArray[np.uint16]
    add: NDArray[np.uint16]
    halo: int
    width: int
    height: int


class TextPainter:
    """Renders strings once and pastes them where they are needed.

    Parameters
    ----------
    font_file : Path or None
        A TrueType file; None takes a system font that is known to be good, else VTK's own.
    """

    def __init__(self, font_file: Path | None = None) -> None:
        self._font = font_file or next((p for p in map(Path, _FONT_FILES) if p.is_file()), None)
        self._patches: OrderedDict[tuple[object, ...], _Patch] = OrderedDict()

    def width(self, text: str, size: float) -> int:
        """Advance width of a one-line text, in pixels, at a font size in pixels."""
        return self._patch(text, size, WHITE, TEXT_ALPHA).width

    def draw(
        self,
        canvas: Canvas,
        text: str,
        x: float,
        y: float,
        size: float,
        *,
        rgb: Rgb = WHITE,
        alpha: float = TEXT_ALPHA,
        anchor: str = "left",
        halo: bool = True,
    ) -> int:
        """Draw one line of text.

        Parameters
        ----------
        x, y : float
            Position in pixels; y is the middle between baseline and cap height.
        size : float
            Font size in pixels of the frame.
        anchor : {"left", "centre", "right"}
            What of the text lies at `x`.
        halo : bool
            Darken the surroundings of the letters.

        Returns
        -------
        int
            The width drawn, in pixels.
        """
        if not text.strip():
            return 0
        patch = self._patch(text, size, rgb, alpha, halo)
        shift = {"left": 0.0, "centre": patch.width / 2, "right": float(patch.width)}[anchor]
        left = round(x - shift) - patch.halo
        top = round(y - patch.height / 2) - patch.halo
        _paste(canvas.frame, patch, left, top)
        return patch.width

    def _patch(self, text: str, size: float, rgb: Rgb, alpha: float, halo: bool = True) -> _Patch:
        key = (text, round(size, 1), rgb, alpha, halo)
        patch = self._patches.get(key)
        if patch is None:
            patch = self._render(text, size, rgb, alpha, halo)
            self._patches[key] = patch
            if len(self._patches) > _CACHED_PATCHES:
                self._patches.popitem(last=False)
        else:
            self._patches.move_to_end(key)
        return patch

    def _render(self, text: str, size: float, rgb: Rgb, alpha: float, with_halo: bool) -> _Patch:
        style = vtkTextProperty()
        style.SetFontSize(max(1, round(size)))
        style.SetColor(1, 1, 1)
        if self._font is not None:
            style.SetFontFamily(_VTK_FONT_FILE)
            style.SetFontFile(str(self._font))
        image = vtkImageData()
        extent = [0, 0]
        # At 72 dpi a point is a pixel. A dollar sign would switch to formula typesetting.
        vtkTextRenderer.GetInstance().RenderString(
            style, text.replace("$", "\N{FULLWIDTH DOLLAR SIGN}"), image, extent, 72
        )
        columns, rows, _ = image.GetDimensions()
        width, height = min(extent[0], columns), min(extent[1], rows)
        rgba = numpy_support.vtk_to_numpy(image.GetPointData().GetScalars())
        glyphs = rgba.reshape(rows, columns, 4)[:height, :width, 3][::-1].astype(np.float32) / 255
        halo = max(3, round(size / 4))
        ink = np.pad(glyphs, halo)
        darkness = 0.8 if with_halo else 0.0
        shade = np.clip(_blur(ink, max(1, halo // 2)) * 3.0, 0, 1) * darkness
        ink = ink * alpha
        keep = (1 - shade) * (1 - ink)
        add = ink[..., None] * np.asarray(rgb, dtype=np.float32)
        return _Patch(
            (keep * 256).astype(np.uint16)[..., None], add.astype(np.uint16), halo, width, height
        )


def small_caps(
    painter: TextPainter, canvas: Canvas, text: str, x: float, y: float, size: float, rgb: Rgb
) -> int:
    """Draw a word with a large first letter and small capitals; return the width drawn."""
    text = text.upper()
    head = painter.draw(canvas, text[:1], x, y, size, rgb=rgb, alpha=1.0)
    gap = size * 0.06
    # Both sizes stand on one baseline, so the smaller one sits lower by half the difference.
    small = size * 0.8
    drop = (size - small) * 0.36
    rest = painter.draw(canvas, text[1:], x + head + gap, y + drop, small, rgb=rgb, alpha=1.0)
    return round(head + gap + rest)


def _paste(frame: NDArray[np.uint8], patch: _Patch, left: int, top: int) -> None:
    height, width = patch.keep.shape[:2]
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + width, frame.shape[1]), min(top + height, frame.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    rows, columns = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
    under = frame[y0:y1, x0:x1]
    mixed = (under.astype(np.uint16) * patch.keep[rows, columns] >> 8) + patch.add[rows, columns]
    under[:] = np.minimum(mixed, 255)


def _blur(image: NDArray[np.float32], radius: int) -> NDArray[np.float32]:
    """Two box blurs: close enough to a Gaussian for a halo."""
    kernel = np.ones(2 * radius + 1, dtype=np.float32) / (2 * radius + 1)
    for axis in (0, 1, 0, 1):
        image = np.apply_along_axis(np.convolve, axis, image, kernel, mode="same")
    return image
