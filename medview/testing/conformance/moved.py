"""`moved`: other content that a model takes as well, on the same grid, of the same size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.data.image2d import Image2D
from medview.core.data.series import SlideLevel
from medview.core.data.slide import Slide
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.host.call import Source

_PART = 8
"""An eighth of the field of view: what is there stays in view, and at no place that it was."""
_OTHER_UID = "2.25.2"


@dataclass(frozen=True, eq=False)
class MovedSlide:
    """A slide whose content lies elsewhere; implements `medview.core.data.slide.Slide`."""

    slide: Slide

    @property
    def levels(self) -> tuple[SlideLevel, ...]:
        """Those of the slide."""
        return self.slide.levels

    @property
    def mpp(self) -> tuple[float, float] | None:
        """That of the slide."""
        return self.slide.mpp

    @property
    def info(self) -> SourceInfo:
        """That of the slide, with another identity."""
        return _other(self.slide.info)

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> NDArray[np.uint8]:
        """A region further to the left and up in the slide; white beyond its edges."""
        size = self.levels[level]
        left, up = x - size.width // _PART, y - size.height // _PART
        region = np.full((height, width, 3), 255, np.uint8)
        skip_x, skip_y = max(0, -left), max(0, -up)
        if skip_x < width and skip_y < height:
            region[skip_y:, skip_x:] = self.slide.read_region(
                level, left + skip_x, up + skip_y, width - skip_x, height - skip_y
            )
        return region


def moved(source: Source) -> Source:
    """The same pixels an eighth further along every axis, of another patient by their names.

    What comes in at the edges is the smallest value of a volume, the first pixel of a picture,
    and white glass.
    """
    if isinstance(source, Volume):
        array = _shifted(source.array, 3, source.array.min())
        return Volume(array, source.grid, _other(source.info))
    if isinstance(source, Image2D):
        array = _shifted(source.array, 2, source.array[0, 0])
        return Image2D(array, source.spacing_mm, _other(source.info))
    return MovedSlide(source)


def _shifted(array: NDArray[Any], axes: int, outside: Any) -> NDArray[Any]:
    made = np.empty_like(array)
    made[...] = outside
    steps = [max(1, n // _PART) if n > 1 else 0 for n in array.shape[:axes]]
    to = tuple(slice(s, None) for s in steps)
    made[to] = array[tuple(slice(0, n - s) for n, s in zip(array.shape, steps, strict=False))]
    return made


def _other(info: SourceInfo) -> SourceInfo:
    return replace(info, fingerprint=None, study_uid=_OTHER_UID, series_uid=_OTHER_UID)
