"""`GeneratedSlide`: a stained piece of tissue on white glass, as a pyramid read by region."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from medview.core.data.intensity import Intensity
from medview.core.data.series import SlideLevel
from medview.core.data.source import SourceInfo
from medview.core.errors import UsageError
from medview.host.card import InputSpec

_WIDTH, _HEIGHT, _MPP = 3072, 2048, 0.5
_GLASS, _TISSUE, _NUCLEUS = (244, 243, 245), (206, 148, 190), (92, 52, 132)
_NUCLEI_EVERY, _NUCLEUS_PX = 48, 9


def _levels() -> tuple[SlideLevel, ...]:
    return tuple(SlideLevel(_WIDTH // d, _HEIGHT // d, float(d)) for d in (1, 4, 16))


@dataclass(frozen=True, eq=False)
class GeneratedSlide:
    """An ellipse of tissue with nuclei in rows; implements `medview.core.data.slide.Slide`.

    Attributes
    ----------
    info : SourceInfo
    levels : tuple of SlideLevel
        3072 x 2048 pixels, and 4 and 16 times fewer along each axis.
    mpp : (float, float)
        Half a micron.
    """

    info: SourceInfo
    levels: tuple[SlideLevel, ...] = field(default_factory=_levels)
    mpp: tuple[float, float] | None = (_MPP, _MPP)

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> NDArray[np.uint8]:
        """(height, width, 3) RGB; white beyond the edges.

        Raises
        ------
        UsageError
            If there is no such level, or the region is empty.
        """
        if not 0 <= level < len(self.levels) or width < 1 or height < 1:
            raise UsageError("There is no such region of this slide.")
        step = self.levels[level].downsample
        # Middles of the pixels, in pixels of the finest level.
        u = (np.arange(x, x + width) + 0.5) * step
        v = ((np.arange(y, y + height) + 0.5) * step)[:, None]
        region = np.full((height, width, 3), _GLASS, np.uint8)
        tissue = ((u / _WIDTH - 0.5) / 0.38) ** 2 + ((v / _HEIGHT - 0.5) / 0.4) ** 2 < 1
        region[tissue] = _TISSUE
        if step == 1:
            half = _NUCLEI_EVERY / 2
            nuclei = np.hypot(u % _NUCLEI_EVERY - half, v % _NUCLEI_EVERY - half) < _NUCLEUS_PX
            region[tissue & nuclei] = _NUCLEUS
        return region


def generated_slide(spec: InputSpec) -> GeneratedSlide:
    """The slide, saying of itself what a card asks for."""
    info = SourceInfo(
        "slide",
        modality=spec.modalities[0] if spec.modalities else "SM",
        intensity=Intensity.RGB,
        body_part=spec.body_parts[0] if spec.body_parts else None,
        levels=_levels(),
        mpp=(_MPP, _MPP),
    )
    return GeneratedSlide(info)
