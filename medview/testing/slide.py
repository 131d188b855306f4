"""`ArraySlide`: pixels of one's own as a slide of one level."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.data.intensity import Intensity
from medview.core.data.series import SlideLevel
from medview.core.data.source import SourceInfo
from medview.core.errors import UsageError


class ArraySlide:
    """A whole-slide image that is small enough to be an array.

    Parameters
    ----------
    pixels : (rows, columns, 3) ndarray of uint8
        RGB.
    mpp : (float, float), optional
        Microns per pixel (x, y).
    """

    def __init__(self, pixels: NDArray[Any], mpp: tuple[float, float] | None = None) -> None:
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise UsageError(f"A slide is RGB of eight bits, not {pixels.dtype} {pixels.shape}.")
        self._pixels = pixels
        self.levels = (SlideLevel(pixels.shape[1], pixels.shape[0], 1.0),)
        self.mpp = mpp
        self.info = SourceInfo(
            "slide", modality="SM", intensity=Intensity.RGB, levels=self.levels, mpp=mpp
        )

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> NDArray[np.uint8]:
        """(height, width, 3) RGB; white beyond the edges.

        Raises
        ------
        UsageError
            If there is no such level, or the region is empty.
        """
        if level != 0 or width < 1 or height < 1:
            raise UsageError("There is no such region of this slide.")
        region = np.full((height, width, 3), 255, np.uint8)
        rows, columns = self._pixels.shape[:2]
        top, left = min(max(y, 0), rows), min(max(x, 0), columns)
        bottom, right = min(max(y + height, 0), rows), min(max(x + width, 0), columns)
        part = self._pixels[top:bottom, left:right]
        region[top - y : top - y + part.shape[0], left - x : left - x + part.shape[1]] = part
        return region
