"""Whether two findings of one body lie at the same places, whatever grids they were made on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medview.core.findings.detections import Detection, Detections
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import LabelMap
from medview.core.geometry.grid import Grid
from medview.core.geometry.resample import resample

Mask = NDArray[np.bool_]

_SAME_SHARE = 0.999
"""Axes that are only permuted or flipped lose nothing."""
_ALIKE_SHARE = 0.8
"""Of a structure on another sampling, so much must lie within one voxel of where it was: this
finds what lies at a wrong place, and leaves to a model where a rim or a thin branch ends."""
_HOT_SHARE = 0.7
"""The same for the hot part of a heatmap, whose edge is only as sharp as the map."""
_FEW_ML = 20.0
"""Structures smaller than this are a few voxels of a coarse sample, and say nothing."""
_SURE = 0.5
"""A score below is that of a model that is not sure itself."""
_NEAR_MM = 12.0
"""Two voxels of a coarse sample."""
_NEAR_PART = 0.25
"""Of its own largest extent: where a large thing ends, its voxels say, and its middle with it."""
_SAME_MM = 0.5


def same_labels(a: LabelMap, b: LabelMap, *, is_exact: bool) -> str:
    """What of `a` lies elsewhere in `b`, in words; empty where nothing does."""
    if a.grid is None or b.grid is None:
        return f"'{a.name}' has no grid."
    there = resample(b.array, b.grid, a.grid, "nearest", across_frames=True)
    for label in a.labels:
        if (a.volume_ml(label.value) or 0) < _FEW_ML:
            continue
        share = _common(a.array == label.value, there == label.value, b.grid, a.grid, is_exact)
        if share < (_SAME_SHARE if is_exact else _ALIKE_SHARE):
            return f"'{label.name}' lies elsewhere: {share:.1%} of it is where it was."
    return ""


def same_heat(a: Heatmap, b: Heatmap, *, is_exact: bool) -> str:
    """Whether the hot part of a map, its values above the middle, lies elsewhere, in words."""
    if a.grid is None or b.grid is None:
        return f"'{a.name}' has no grid."
    low, high = float(a.array.min()), float(a.array.max())
    if high - low < 0.05 * (a.range[1] - a.range[0]):
        return ""
    middle = (low + high) / 2
    there = resample(b.array, b.grid, a.grid, "linear", outside=low, across_frames=True)
    hot = a.array > middle
    if np.count_nonzero(hot) * a.grid.voxel_volume_mm3 / 1000 < _FEW_ML:
        return ""
    share = _common(hot, there > middle, b.grid, a.grid, is_exact)
    if share < (_SAME_SHARE if is_exact else _HOT_SHARE):
        return f"the hot part of '{a.name}' lies elsewhere: {share:.1%} of it is where it was."
    return ""


def same_detections(a: Detections, b: Detections, *, is_exact: bool) -> str:
    """What of `a` is not found again in `b`, in words; empty where all that counts is."""
    if is_exact:
        if len(a.items) != len(b.items):
            return f"'{a.name}' has {len(b.items)} things in place of {len(a.items)}."
        lost = [item for item in a.items if _distance(item, b) > _SAME_MM]
        return f"'{lost[0].id}' of '{a.name}' is found at another place." if lost else ""
    for these, those in ((a, b), (b, a)):
        best = max(these.items, key=lambda item: item.score, default=None)
        if best is None or best.score < _SURE:
            continue
        if not those.items:
            return f"'{a.name}' has nothing where the surest thing ({best.score:.2f}) was."
        if _distance(best, those) > max(_NEAR_MM, _NEAR_PART * max(best.size)):
            return (
                f"'{best.id}', the surest of '{a.name}' ({best.score:.2f}), is found nowhere near "
                "its place."
            )
    return ""


def _distance(item: Detection, others: Detections) -> float:
    places = np.array([other.centre for other in others.items], dtype=float)
    return float(np.linalg.norm(places - np.asarray(item.centre), axis=1).min())


def _common(ours: Mask, theirs: Mask, made_on: Grid, seen_on: Grid, is_exact: bool) -> float:
    """The smaller of the shares of each mask that lie in, or one voxel beside, the other."""
    # What no voxel of the other grid covers cannot have been found there.
    seen = np.zeros(made_on.shape, np.uint8)
    covered = resample(seen, made_on, seen_on, "nearest", outside=1, across_frames=True) == 0
    slack = 0 if is_exact else 1
    return min(_share(ours & covered, theirs, slack), _share(theirs, ours, slack))


def _share(inner: Mask, outer: Mask, slack: int) -> float:
    wide = outer
    for _ in range(slack):
        for axis in range(3):
            wide = wide | _shifted(wide, axis, 1) | _shifted(wide, axis, -1)
    count = int(np.count_nonzero(inner))
    return int(np.count_nonzero(inner & wide)) / count if count else 0.0


def _shifted(mask: Mask, axis: int, step: int) -> Mask:
    moved = np.roll(mask, step, axis)
    edge = [slice(None)] * mask.ndim
    edge[axis] = slice(0, 1) if step > 0 else slice(-1, None)
    moved[tuple(edge)] = False
    return moved
