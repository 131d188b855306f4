"""The classical steps in their order, up to closed lungs on the working grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview.api import Volume
from medview_lung_segmentation.classical.airways import central_airways, connected
from medview_lung_segmentation.classical.body import body_mask
from medview_lung_segmentation.classical.candidates import Airspace, lung_air
from medview_lung_segmentation.classical.closing import close_lungs
from medview_lung_segmentation.classical.morphology import Mask, Tick
from medview_lung_segmentation.classical.sides import split_sides
from medview_lung_segmentation.classical.working import Working, reduce
from medview_lung_segmentation.params import Params

Stage = Callable[[float, str], Tick]
"""Begin a stage at a share 0..1 of the whole; what it returns is called again and again."""

_CUT_ML = 1.0


@dataclass(frozen=True, eq=False, slots=True)
class Classical:
    """Lungs found from their air, on the working grid, and what they were made of.

    Attributes
    ----------
    work : Working
    body, airways, air : (k, j, i) ndarray of bool
        `air` is the part of the lungs below the threshold.
    lungs : (k, j, i) ndarray of uint8
        1 right, 2 left; closed.
    spaces : tuple of Airspace
        Airspaces accepted as lung, largest first.
    cut_at_side : bool
        Whether a lung runs out of the image at its side, front or back.
    """

    work: Working
    body: Mask
    airways: Mask
    air: Mask
    lungs: NDArray[np.uint8]
    spaces: tuple[Airspace, ...] = ()
    cut_at_side: bool = False


def find_lungs(source: Volume, params: Params, stage: Stage) -> Classical:
    """Find body, airways and lungs of a CT in canonical axis order."""
    work = reduce(source, stage(0.00, "Preparing"))
    body = body_mask(work, stage(0.10, "Finding the body"))
    empty = np.zeros(work.hu.shape, dtype=bool)
    nothing = Classical(work, body, empty, empty, empty.astype(np.uint8))
    if not body.any():
        return nothing
    airways = central_airways(work, body, stage(0.31, "Following the airways"))
    tick = stage(0.44, "Finding the lungs")
    air, spaces = lung_air(work, body, airways, params.threshold_hu, tick)
    if not spaces:
        return nothing
    airways = _above_lungs(airways, air)
    sides = split_sides(work, body, air, airways, stage(0.52, "Telling right from left"))
    tick = stage(0.62, "Closing the outlines")
    lungs = close_lungs(work, body, sides, airways, params.closing_mm, tick)
    airways = connected(airways & (lungs == 0))
    return Classical(work, body, airways, air, lungs, spaces, _cut_at_side(sides, body, work))


def _cut_at_side(sides: NDArray[np.uint8], body: Mask, work: Working) -> bool:
    """Lung next to what is not body: there is no chest wall, so the image ends in the lung."""
    n = 0
    for lung, inside in zip(sides, body, strict=True):
        if not lung.any():
            continue
        beyond = np.pad(~inside, 1, constant_values=True)
        beside = beyond[:-2, 1:-1] | beyond[2:, 1:-1] | beyond[1:-1, :-2] | beyond[1:-1, 2:]
        n += int(np.count_nonzero(beside & (lung > 0)))
    return n * work.voxel_ml > _CUT_ML


def _above_lungs(airways: Mask, air: Mask) -> Mask:
    """Airways only where they belong to a chest: not below the lowest slice with lung."""
    with_lung = np.flatnonzero(air.any(axis=(1, 2)))
    out = airways.copy()
    out[: int(with_lung[0])] = False
    return out
