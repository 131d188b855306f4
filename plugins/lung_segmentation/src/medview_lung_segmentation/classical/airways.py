"""Windpipe and main bronchi: found from above, grown as far as they do not leak."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medview_lung_segmentation.classical import morphology as morph
from medview_lung_segmentation.classical.morphology import Mask, Tick
from medview_lung_segmentation.classical.working import Working

_LUMEN_HU = -800.0
_SEED_HU = -880.0
_AREA_MM2 = (28.0, 900.0)
_OFF_MIDLINE_MM = 45.0
_CHAIN_MM = 24.0
_LADDER_HU = tuple(range(-980, -640, 20))
_LIMIT_ML = 110.0
_LEAK_FACTOR, _LEAK_ML = 1.5, 8.0


def central_airways(work: Working, body: Mask, tick: Tick) -> Mask:
    """Windpipe and main bronchi with the soft rim of their lumen; empty if none was found."""
    seeds = _windpipe(work, body, tick)
    out = np.zeros(body.shape, dtype=bool)
    if not seeds.any():
        return out
    lumen = _grow(work, body, seeds, tick)
    box = morph.bounding_box(lumen, work.spacing_mm, 6.0)
    if box is None:
        return out
    # The rim of the lumen is a mixture with its wall: one voxel in every direction.
    rim = ndimage.binary_dilation(lumen[box], ndimage.generate_binary_structure(3, 1))
    out[box] = lumen[box] | (rim & (work.hu[box] < -500) & body[box])
    return out


def connected(airways: Mask) -> Mask:
    """The largest part of `airways`: twigs that lost their stem are dropped."""
    labels, count = morph.components(airways)
    if count < 2:
        return airways
    sizes = morph.sizes(labels, count)
    sizes[0] = 0
    return np.asarray(labels == int(sizes.argmax()))


def _windpipe(work: Working, body: Mask, tick: Tick) -> Mask:
    """The highest run of overlapping round patches near the midline that is long enough."""
    labels, spots = _spots(work, body, tick)
    parent_of: dict[int, int] = {}
    length: dict[int, float] = {}
    top: dict[int, int] = {}
    slice_of: dict[int, int] = {}
    best, best_rank = 0, -np.inf
    needed = min(_CHAIN_MM, 0.6 * len(body) * work.spacing_mm[0])
    # Slices are visited downwards, so that a chain knows where it began.
    for k in range(len(body) - 1, -1, -1):
        for label in spots.get(k, ()):
            above = np.unique(labels[k + 1][labels[k] == label]) if k + 1 < len(body) else ()
            parents = [int(p) for p in above if int(p) in length]
            parent = max(parents, key=length.__getitem__, default=0)
            slice_of[label] = k
            length[label] = work.spacing_mm[0] + length.get(parent, 0.0)
            top[label] = top.get(parent, k)
            parent_of[label] = parent
            # Bowel lies lower: a chain that starts higher beats a longer one below.
            rank = top[label] * work.spacing_mm[0] + 0.5 * min(length[label], 120.0)
            if length[label] >= needed and rank > best_rank:
                best, best_rank = label, rank
    out = np.zeros(body.shape, dtype=bool)
    while best:
        tick()
        k = slice_of[best]
        out[k] |= (labels[k] == best) & (work.hu[k] < _SEED_HU)
        best = parent_of[best]
    return out


def _spots(work: Working, body: Mask, tick: Tick) -> tuple[NDArray[np.int32], dict[int, list[int]]]:
    labels = np.zeros(body.shape, dtype=np.int32)
    spots: dict[int, list[int]] = {}
    offset = 0
    area = work.spacing_mm[1] * work.spacing_mm[2]
    for k in range(len(body)):
        if k % 16 == 0:
            tick()
        found, count = ndimage.label((work.hu[k] < _LUMEN_HU) & body[k])
        if count == 0:
            continue
        columns = np.flatnonzero(body[k].any(axis=0))
        middle = (columns[0] + columns[-1]) / 2 * work.spacing_mm[2]
        for number, where in enumerate(ndimage.find_objects(found), start=1):
            if where is None:
                continue
            patch = found[where] == number
            if _is_round(patch, where, middle, work, area):
                value = offset + number
                labels[k][where][patch] = value
                spots.setdefault(k, []).append(value)
        offset += count
    return labels, spots


def _is_round(
    patch: NDArray[np.bool_],
    where: tuple[slice, ...],
    middle_mm: float,
    work: Working,
    pixel_mm2: float,
) -> bool:
    """Whether a patch may be a windpipe's section: its size, shape and place fit."""
    area = float(np.count_nonzero(patch)) * pixel_mm2
    height = patch.shape[0] * work.spacing_mm[1]
    width = patch.shape[1] * work.spacing_mm[2]
    x_mm = (where[1].start + where[1].stop - 1) / 2 * work.spacing_mm[2]
    return bool(
        _AREA_MM2[0] <= area <= _AREA_MM2[1]
        and max(height, width) <= 2.6 * min(height, width)
        and area >= 0.45 * height * width
        and abs(x_mm - middle_mm) <= _OFF_MIDLINE_MM
    )


def _grow(work: Working, body: Mask, seeds: Mask, tick: Tick) -> Mask:
    """Grow at rising thresholds; stop before the step at which the tree bursts into a lung."""
    hit = np.argwhere(seeds)
    low, high = hit.min(axis=0), hit.max(axis=0)
    # Main bronchi reach some 80 mm below and beside the windpipe.
    reach = np.ceil(np.array([90.0, 60.0, 90.0]) / work.spacing_mm).astype(int)
    start = np.maximum(low - reach, 0)
    stop = np.minimum(high + reach * (0, 1, 1) + 2, body.shape)
    box = tuple(slice(int(a), int(b)) for a, b in zip(start, stop, strict=True))
    hu, inside, seed = work.hu[box], body[box], seeds[box]
    kept = seed
    last_ml: float | None = None
    for threshold in _LADDER_HU:
        tick()
        labels, count = morph.components((hu < threshold) & inside | seed)
        reached = np.zeros(count + 1, dtype=bool)
        reached[np.unique(labels[seed])] = True
        reached[0] = False
        grown = reached[labels]
        ml = float(np.count_nonzero(grown)) * work.voxel_ml
        leaks = last_ml is not None and ml > _LEAK_FACTOR * last_ml + _LEAK_ML
        if ml > _LIMIT_ML or leaks:
            break
        kept, last_ml = grown, ml
    out = np.zeros(body.shape, dtype=bool)
    out[box] = kept
    return out
