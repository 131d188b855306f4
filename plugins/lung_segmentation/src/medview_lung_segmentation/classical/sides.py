"""Right and left: every airspace gets a side, and lungs that touch are cut apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medview_lung_segmentation.classical import morphology as morph
from medview_lung_segmentation.classical.junction import junction
from medview_lung_segmentation.classical.morphology import Mask, Tick
from medview_lung_segmentation.classical.working import Working

RIGHT, LEFT = 1, 2

_BOTH_SHARE = 0.12
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
            seam = junction(mask, work.hu[box], middle - box[2].start, work.spacing_mm, tick)
            columns = np.arange(mask.shape[2])
            out[box][mask] = np.where(columns <= seam[:, :, None], RIGHT, LEFT)[mask]
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
    return bool(min(right, left) > _BOTH_SHARE)
