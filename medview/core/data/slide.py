"""`Slide`: the protocol of a whole-slide image whose pixels are never in memory whole."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from medview.core.data.series import SlideLevel
from medview.core.data.source import SourceInfo


@runtime_checkable
class Slide(Protocol):
    """A pyramid of RGB levels, read by region.

    Attributes
    ----------
    levels : tuple of SlideLevel
        Level 0 is the finest.
    mpp : (float, float) or None
        Microns per pixel (x, y) at level 0; None where the file does not say.
    info : SourceInfo
    """

    @property
    def levels(self) -> tuple[SlideLevel, ...]:
        """Levels of the pyramid, finest first."""

    @property
    def mpp(self) -> tuple[float, float] | None:
        """Microns per pixel (x, y) at level 0."""

    @property
    def info(self) -> SourceInfo:
        """What is known without pixels."""

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> NDArray[np.uint8]:
        """(height, width, 3) RGB; `x`, `y` are the top left corner in pixels of that level."""
