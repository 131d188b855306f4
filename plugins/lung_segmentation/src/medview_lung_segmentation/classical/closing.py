"""Close each lung: vessels, hilum and nodules at the pleura become part of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medview_lung_segmentation.classical import morphology as morph
from medview_lung_segmentation.classical.morphology import Mask, Tick
from medview_lung_segmentation.classical.sides import LEFT, RIGHT
from medview_lung_segmentation.classical.working import Working

_DEEP_MM = 8.0


def close_lungs(
    work: Working,
    body: Mask,
    sides: NDArray[np.uint8],
    airways: Mask,
    closing_mm: float,
    tick: Tick,
) -> NDArray[np.uint8]:
    """Each lung closed with a ball of `closing_mm` and its holes filled.

    Nothing is added outside the body or in the other lung. Of `airways` only
    what lies deep in a lung is added: bronchi beyond the hilum.
    """
    out = sides.copy()
    for value in (RIGHT, LEFT):
        lung = sides == value
        if not lung.any():
            continue
        whole = morph.closed(lung, closing_mm, work.spacing_mm, tick)
        whole = morph.filled(whole, work.spacing_mm, tick)
        deep = _deep_airways(whole, airways, work, tick)
        out[whole & (out == 0) & body & (deep | ~airways)] = value
    return out


def _deep_airways(lung: Mask, airways: Mask, work: Working, tick: Tick) -> Mask:
    out = np.zeros(lung.shape, dtype=bool)
    box = morph.bounding_box(airways & lung, work.spacing_mm, 2 * _DEEP_MM)
    if box is not None:
        out[box] = airways[box] & morph.eroded(lung[box], _DEEP_MM, work.spacing_mm, tick)
    return out
