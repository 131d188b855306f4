"""Lungs by the chosen method, drawn on the source's own voxels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medview.api import RunContext, Volume
from medview_lung_segmentation.classical.morphology import Mask, Tick
from medview_lung_segmentation.classical.pipeline import Classical, find_lungs
from medview_lung_segmentation.classical.refine import AIRWAYS, refine
from medview_lung_segmentation.network.fusion import Fusion, fuse
from medview_lung_segmentation.params import Params
from medview_lung_segmentation.progress import PartOfRun

if TYPE_CHECKING:
    from medview_lung_segmentation.classical.working import Working

CHEST_MM = 100.0
"""Height of air in the lungs above which a scan shows a chest. The network knows chests alone: of
an abdomen below the bases of the lungs, or of a slab of a few slices, it says nothing of use."""
_AROUND_MM = 60.0
"""How far beyond the lungs' air, along the body, lung without any air is looked for."""
_END_ML = 4.0
_LITTLE_CHEST = (
    f"Less than {CHEST_MM:.0f} mm of the lungs' height are shown: the network, which knows whole "
    "chests, was not asked, and dense disease is left out."
)


@dataclass(frozen=True, eq=False, slots=True)
class Segmentation:
    """Labels on the source's grid and what they were made of.

    Attributes
    ----------
    labels : (k, j, i) ndarray of uint8
        1 right lung, 2 left lung, 3 windpipe and main bronchi.
    body_found : bool
    cut_at_top, cut_at_bottom, cut_at_side : bool
        Where the field of view ends within a lung.
    fusion : Fusion or None
        What both methods say of each other; None where the network was not asked.
    """

    labels: NDArray[np.uint8]
    body_found: bool
    cut_at_top: bool = False
    cut_at_bottom: bool = False
    cut_at_side: bool = False
    fusion: Fusion | None = None


def segment(source: Volume, params: Params, ctx: RunContext) -> Segmentation:
    """Segment lungs and central airways of a CT in canonical axis order."""
    share = 0.80 if params.method == "classical" else 0.60
    found = find_lungs(source, params, lambda f, text: _ticker(ctx, share * f, text))
    lungs, air, fusion = found.lungs, found.air, None
    shown = _shown_slices(found)
    little = (shown.stop - shown.start) * found.work.spacing_mm[0] < CHEST_MM
    asked = params.method == "network" or (params.method == "fused" and not little)
    if params.method == "fused" and little and lungs.any():
        ctx.warn("network-not-asked", _LITTLE_CHEST)
    if asked and found.body.any():
        seen = _network(found.work, shown, ctx)
        tick = _ticker(ctx, 0.78, "Joining both methods")
        fusion = fuse(found.work, found.body, found.airways, lungs, seen, params.threshold_hu, tick)
        lungs = fusion.lungs
        if params.method == "network":
            lungs = np.where(found.body & ~found.airways, seen, 0).astype(np.uint8)
            air = (lungs > 0) & (found.work.hu < params.threshold_hu)
    if not lungs.any():
        nothing = np.zeros(source.array.shape, dtype=np.uint8)
        return Segmentation(nothing, bool(found.body.any()), fusion=fusion)
    labels = _drawn(source, found, lungs, air, params, _ticker(ctx, 0.80, "Drawing the outlines"))
    by_network = params.method == "network"
    return Segmentation(
        labels,
        True,
        cut_at_top=_cut(found, lungs, -1, by_network),
        cut_at_bottom=_cut(found, lungs, 0, by_network),
        cut_at_side=found.cut_at_side,
        fusion=fusion,
    )


def _shown_slices(found: Classical) -> slice:
    """Working slices from the first to the last with air of a lung; empty without any."""
    slices = np.flatnonzero(found.air.any(axis=(1, 2)))
    return slice(int(slices[0]), int(slices[-1]) + 1) if len(slices) else slice(0, 0)


def _network(work: Working, shown: slice, ctx: RunContext) -> NDArray[np.uint8]:
    from medview_lung_segmentation.network.model import WEIGHTS, load
    from medview_lung_segmentation.network.predict import predict

    part = PartOfRun(ctx, 0.60, 0.78)
    part.progress(0.0, "Loading the network")
    network = load(ctx.weights(WEIGHTS))
    around = round(_AROUND_MM / work.spacing_mm[0])
    near = slice(max(0, shown.start - around), shown.stop + around) if shown.stop else slice(None)
    seen = np.zeros(work.hu.shape, dtype=np.uint8)
    seen[near] = predict(
        network,
        work.hu[near],
        work.spacing_mm,
        part,
        lambda: part.progress(1.0, "Looking at the lungs"),
    )
    return seen


def _drawn(
    source: Volume,
    found: Classical,
    lungs: NDArray[np.uint8],
    air: Mask,
    params: Params,
    tick: Tick,
) -> NDArray[np.uint8]:
    airways = found.airways & (lungs == 0)
    labels = refine(source, found.work, lungs, air, airways, params.threshold_hu, tick)
    if not params.include_airways:
        for plane in labels:
            plane[plane == AIRWAYS] = 0
    return labels


def _cut(found: Classical, lungs: NDArray[np.uint8], end: int, by_network: bool) -> bool:
    """Whether the first (0) or last (-1) slice cuts a lung."""
    if by_network:
        return bool(lungs[end].any())
    return any((s.at_bottom if end == 0 else s.at_top) and s.ml > _END_ML for s in found.spaces)


def _ticker(ctx: RunContext, fraction: float, text: str) -> Callable[[], None]:
    """Report the stage again and again: that is where a cancelled run ends."""
    ctx.progress(fraction, text)
    return lambda: ctx.progress(fraction, text)
