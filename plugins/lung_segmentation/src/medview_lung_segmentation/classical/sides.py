"""Right and left: every airspace gets a side, and lungs that touch are cut apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medview_lung_segmentation.classical import morphology as morph
from medview_lung_segmentation.classical.morphology import Mask, Tick
from medview_lung_segmentation.classical.working import Working

RIGHT, LEFT = 1, 2

_EROSIONS_MM = (1.5, 2.5, 3.5, 5.0, 7.0, 9.0, 12.0, 15.0)
_SEED_SHARE = 0.12
_BEYOND_MM = 12.0


def split_sides(
    work: Working, body: Mask, lungs: Mask, airways: Mask, tick: Tick
) -> NDArray[np.uint8]:
    """Label air of the lungs 1 (right) and 2 (left).

    The array's i axis runs to the Left, so the right lung has the smaller i.
    """
    middle = midline(body, airways)
    out = np.zeros(lungs.shape, dtype=np.uint8)
    labels, count = morph.components(lungs)
    sizes = morph.sizes(labels, count)
    boxes = ndimage.find_objects(labels)
    for label in range(1, count + 1):
        tick()
        box = boxes[label - 1]
        mask = labels[box] == label
        if _spans_midline(mask, box[2].start, middle, work):
            out[box][mask] = _cut(mask, box[2].start, middle, work, tick)[mask]
        else:
            i = np.flatnonzero(mask.any(axis=(0, 1)))
            weight = mask.sum(axis=(0, 1))[i]
            centre = box[2].start + float((i * weight).sum() / sizes[label])
            out[box][mask] = RIGHT if centre < middle else LEFT
    return out


def midline(body: Mask, airways: Mask) -> float:
    """Index i of the body's middle; the windpipe pulls it to itself where there is one."""
    columns = body.sum(axis=(0, 1), dtype=np.float64)
    i = np.arange(len(columns))
    centre = float((columns * i).sum() / max(columns.sum(), 1))
    if not airways.any():
        return centre
    tube = airways.sum(axis=(0, 1), dtype=np.float64)
    return 0.5 * centre + 0.5 * float((tube * i).sum() / tube.sum())


def _spans_midline(mask: Mask, start: int, middle: float, work: Working) -> bool:
    share = mask.sum(axis=(0, 1), dtype=np.float64)
    i = start + np.arange(len(share))
    reach = _BEYOND_MM / work.spacing_mm[2]
    total = share.sum()
    right = share[i < middle - reach].sum() / total
    left = share[i > middle + reach].sum() / total
    return bool(min(right, left) > _SEED_SHARE)


def _cut(mask: Mask, start: int, middle: float, work: Working, tick: Tick) -> NDArray[np.uint8]:
    """Erode until two large parts are left, then give each voxel to the nearer one."""
    for radius in _EROSIONS_MM:
        core = morph.eroded(np.pad(mask, 1), radius, work.spacing_mm, tick)[1:-1, 1:-1, 1:-1]
        labels, count = morph.components(core)
        if count < 2:
            continue
        sizes = morph.sizes(labels, count)
        sizes[0] = 0
        one, two = (int(n) for n in np.argsort(-sizes)[:2])
        centres = [_mean_i(labels == n) + start for n in (one, two)]
        if sizes[two] < _SEED_SHARE * sizes.sum() or not min(centres) < middle < max(centres):
            continue
        right, left = (one, two) if centres[0] < centres[1] else (two, one)
        return _nearest(mask, labels == right, labels == left, work, tick)
    out = np.full(mask.shape, RIGHT, dtype=np.uint8)
    out[:, :, max(0, round(middle) - start) :] = LEFT
    return out


def _nearest(mask: Mask, right: Mask, left: Mask, work: Working, tick: Tick) -> NDArray[np.uint8]:
    out = np.zeros(mask.shape, dtype=np.uint8)
    step = max(8, 2_000_000 // int(np.prod(mask.shape[1:])))
    halo = int(np.ceil(40.0 / work.spacing_mm[0]))
    for begin in range(0, len(mask), step):
        tick()
        end = min(begin + step, len(mask))
        low = max(0, begin - halo)
        part = slice(low, end + halo)
        to_right = _distance(right[part], work)[begin - low : end - low]
        tick()
        to_left = _distance(left[part], work)[begin - low : end - low]
        out[begin:end] = np.where(to_right <= to_left, RIGHT, LEFT)
    return out


def _distance(seeds: Mask, work: Working) -> NDArray[np.float64]:
    if not seeds.any():
        return np.full(seeds.shape, np.inf)
    return np.asarray(ndimage.distance_transform_edt(~seeds, sampling=work.spacing_mm))


def _mean_i(mask: Mask) -> float:
    share = mask.sum(axis=(0, 1), dtype=np.float64)
    return float((share * np.arange(len(share))).sum() / max(share.sum(), 1))
