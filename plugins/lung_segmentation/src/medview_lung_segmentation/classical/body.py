"""The body, filled: what lies within the skin, without table, clothing and air around."""

from __future__ import annotations

import numpy as np

from medview_lung_segmentation.classical import morphology as morph
from medview_lung_segmentation.classical.morphology import Mask, Tick
from medview_lung_segmentation.classical.working import Working

_TISSUE_HU = -500.0
_THIN_MM = 2.6
_ROOM_AIR_HU = -940.0
_SMALL_PART = 0.05


def body_mask(work: Working, tick: Tick) -> Mask:
    """Everything within the skin, lungs and gas included.

    Thin shells (table, cushions, cloth) vanish in an opening and all but the
    large parts are dropped. Each slice is then filled; where the field of view
    cuts the chest wall, an opening to the edge is filled too if it is too dense
    for room air.
    """
    tissue = work.hu > _TISSUE_HU
    core = morph.eroded(tissue, _THIN_MM, work.spacing_mm, tick)
    labels, count = morph.components(core)
    if count == 0:
        return np.zeros(tissue.shape, dtype=bool)
    sizes = morph.sizes(labels, count)
    sizes[0] = 0
    # Arms may be parts of their own; a table that survives is smaller than any arm.
    keep = sizes >= max(_SMALL_PART * sizes.max(), 1)
    tick()
    body = morph.near(keep[labels], _THIN_MM, work.spacing_mm, tick) & tissue
    out = np.empty(body.shape, dtype=bool)
    for start in range(0, len(body), 16):
        tick()
        part = slice(start, start + 16)
        out[part] = ~_room_air(body[part], work, part)
    return out


def _room_air(body: Mask, work: Working, part: slice) -> Mask:
    labels, count = morph.slice_components(~body)
    n = morph.sizes(labels, count)
    mean = morph.sums(labels, count, work.hu[part]) / np.maximum(n, 1)
    at_edge = np.zeros(count + 1, dtype=bool)
    for edge in (labels[:, 0], labels[:, -1], labels[:, :, 0], labels[:, :, -1]):
        at_edge[edge.ravel()] = True
    is_room = at_edge & (mean < _ROOM_AIR_HU)
    # Slivers of padding in the corners of a round field of view are room as well.
    is_room |= at_edge & (n < 20)
    is_room[0] = False
    return np.asarray(is_room[labels])
