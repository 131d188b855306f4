"""The steps in their order, with progress and doubts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview.api import RunContext, Volume
from medview_lung_segmentation.classical.airways import central_airways, connected
from medview_lung_segmentation.classical.body import body_mask
from medview_lung_segmentation.classical.candidates import Airspace, lung_air
from medview_lung_segmentation.classical.closing import close_lungs
from medview_lung_segmentation.classical.refine import AIRWAYS, refine
from medview_lung_segmentation.classical.sides import split_sides
from medview_lung_segmentation.classical.working import Working, reduce
from medview_lung_segmentation.params import Params

_CUT_ML = 1.0


@dataclass(frozen=True, eq=False, slots=True)
class Segmentation:
    """Labels on the source's grid and what they were made of.

    Attributes
    ----------
    labels : (k, j, i) ndarray of uint8
        1 right lung, 2 left lung, 3 windpipe and main bronchi.
    spaces : tuple of Airspace
        Airspaces accepted as lung, largest first.
    body_found : bool
    cut_at_side : bool
        Whether a lung runs out of the image at its side, front or back.
    """

    labels: NDArray[np.uint8]
    spaces: tuple[Airspace, ...]
    body_found: bool
    cut_at_side: bool = False


def segment(source: Volume, params: Params, ctx: RunContext) -> Segmentation:
    """Segment lungs and central airways of a CT in canonical axis order."""
    work = reduce(source, _ticker(ctx, 0.00, "Preparing"))
    body = body_mask(work, _ticker(ctx, 0.08, "Finding the body"))
    if not body.any():
        return Segmentation(np.zeros(source.array.shape, dtype=np.uint8), (), False)
    airways = central_airways(work, body, _ticker(ctx, 0.25, "Following the airways"))
    threshold = params.threshold_hu
    air, spaces = lung_air(work, body, airways, threshold, _ticker(ctx, 0.35, "Finding the lungs"))
    if not spaces:
        return Segmentation(np.zeros(source.array.shape, dtype=np.uint8), (), True)
    airways = _above_lungs(airways, air)
    tick = _ticker(ctx, 0.42, "Telling right from left")
    sides = split_sides(work, body, air, airways, tick)
    tick = _ticker(ctx, 0.50, "Closing the outlines")
    lungs = close_lungs(work, body, sides, airways, params.closing_mm, tick)
    airways = connected(airways & (lungs == 0))
    tick = _ticker(ctx, 0.80, "Drawing the outlines")
    labels = refine(source, work, lungs, air, airways, threshold, tick)
    if not params.include_airways:
        for plane in labels:
            plane[plane == AIRWAYS] = 0
    return Segmentation(labels, spaces, True, _cut_at_side(sides, body, work))


def _cut_at_side(sides: NDArray[np.uint8], body: NDArray[np.bool_], work: Working) -> bool:
    """Lung next to what is not body: there is no chest wall, so the image ends in the lung."""
    n = 0
    for lung, inside in zip(sides, body, strict=True):
        if not lung.any():
            continue
        beyond = np.pad(~inside, 1, constant_values=True)
        beside = beyond[:-2, 1:-1] | beyond[2:, 1:-1] | beyond[1:-1, :-2] | beyond[1:-1, 2:]
        n += int(np.count_nonzero(beside & (lung > 0)))
    return n * work.voxel_ml > _CUT_ML


def _above_lungs(airways: NDArray[np.bool_], air: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Airways only where they belong to a chest: not below the lowest slice with lung."""
    with_lung = np.flatnonzero(air.any(axis=(1, 2)))
    out = airways.copy()
    out[: int(with_lung[0])] = False
    return out


def _ticker(ctx: RunContext, fraction: float, text: str) -> Callable[[], None]:
    """Report the stage again and again: that is where a cancelled run ends."""
    ctx.progress(fraction, text)
    return lambda: ctx.progress(fraction, text)
