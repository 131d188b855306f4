"""The lungs, by the lung segmentation model, and the region around them that is searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medview.api import RunContext, Volume
from medview_lung_nodule_detection.working import Mask, Tick

if TYPE_CHECKING:
    from medview_lung_segmentation.params import Params as LungParams

AROUND_MM = 5.0
CLOSING_MM = 15.0
"""Wider than the lung model's default: a nodule of up to 30 mm at the pleura belongs inside."""


@dataclass(frozen=True, eq=False, slots=True)
class PartContext:
    """A run context whose progress fills a part of the whole run's."""

    whole: RunContext
    low: float
    high: float

    def progress(self, fraction: float | None, text: str = "") -> None:
        """Report a fraction of this part."""
        share = 0.0 if fraction is None else fraction
        self.whole.progress(self.low + share * (self.high - self.low), text)

    def __getattr__(self, name: str) -> object:
        return getattr(self.whole, name)


def lung_labels(source: Volume, ctx: RunContext, low: float, high: float) -> NDArray[np.uint8]:
    """1 right and 2 left lung on the source's grid, without windpipe and main bronchi."""
    from medview_lung_segmentation.segmentation import segment

    part = PartContext(ctx, low, high)
    return segment(source, _params(), part).labels  # type: ignore[arg-type]


def _params() -> LungParams:
    from medview_lung_segmentation.params import Params

    return Params(method="classical", closing_mm=CLOSING_MM, include_airways=False)


def searched_region(lungs: Mask, tick: Tick) -> Mask:
    """The lungs (1 mm voxels) and 5 mm around them, to the nearest 2 mm."""
    from medview_lung_segmentation.classical.morphology import near

    from medview_lung_nodule_detection.halving import halved_mask

    coarse = near(halved_mask(lungs), AROUND_MM, (2.0, 2.0, 2.0), tick)
    out = np.empty(lungs.shape, dtype=bool)
    for k in range(len(out)):
        tick()
        plane = coarse[k // 2].repeat(2, axis=0).repeat(2, axis=1)
        out[k] = plane[: lungs.shape[1], : lungs.shape[2]]
    return out
