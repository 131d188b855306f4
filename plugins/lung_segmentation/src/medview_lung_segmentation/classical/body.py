"""The body, filled: what lies within the skin, without table, clothing and air around."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medview_lung_segmentation.classical import morphology as morph
from medview_lung_segmentation.classical.morphology import Mask, Tick
from medview_lung_segmentation.classical.working import Working

_TISSUE_HU = -500.0
_THIN_MM, _LARGEST_THIN_MM = 2.6, 3.2
_ROOM_AIR_HU = -955.0
_ROOM_SHARE = 0.4
_CUT_LUNG_PIXELS = 20
_SMALL_PART = 0.05
PADDING_HU = -1022.0
"""Means at or below this are padding: even noisy air is not all at the lowest value."""


def body_mask(work: Working, tick: Tick) -> Mask:
    """Everything within the skin, lungs and gas included.

    Thin shells (table, cushions, cloth) vanish in an opening and all but the
    large parts are dropped. Each slice is then filled; where the field of view
    cuts the chest wall at the side, the lung that opens there is filled too.
    """
    tissue = work.hu > _TISSUE_HU
    # One voxel at least, as long as a child's chest wall has three of them.
    pixel_mm = max(work.spacing_mm[1:])
    thin_mm = pixel_mm if _THIN_MM < pixel_mm <= _LARGEST_THIN_MM else _THIN_MM
    core = morph.eroded(tissue, thin_mm, work.spacing_mm, tick)
    labels, count = morph.components(core)
    if count == 0:
        return np.zeros(tissue.shape, dtype=bool)
    sizes = morph.sizes(labels, count)
    sizes[0] = 0
    # Arms may be parts of their own; a table that survives is smaller than any arm.
    keep = sizes >= max(_SMALL_PART * sizes.max(), 1)
    tick()
    body = morph.near(keep[labels], thin_mm, work.spacing_mm, tick) & tissue
    out = np.empty(body.shape, dtype=bool)
    for start in range(0, len(body), 16):
        tick()
        part = slice(start, start + 16)
        out[part] = ~_room_air(body[part], work.hu[part])
    return out


def _room_air(body: Mask, hu: NDArray[np.float32]) -> Mask:
    """What is open to the edge of its slice, without lungs that the field of view cuts.

    A cut lung has chest wall in front and behind, and holds little room air.
    """
    outside = morph.open_background(body)
    in_front = np.logical_or.accumulate(body, axis=1)
    behind = np.logical_or.accumulate(body[:, ::-1], axis=1)[:, ::-1]
    # Padding around a round field of view is no air: a lung may end at it.
    void = hu <= PADDING_HU
    labels, count = morph.slice_components(outside & in_front & behind & ~void)
    n = morph.sizes(labels, count)
    empty = morph.sums(labels, count, hu < _ROOM_AIR_HU) / np.maximum(n, 1)
    is_lung = (empty < _ROOM_SHARE) & (n >= _CUT_LUNG_PIXELS) & _at_side(labels, count, void)
    is_lung[0] = False
    return np.asarray(outside & ~is_lung[labels])


def _at_side(labels: NDArray[np.int32], count: int, void: Mask) -> NDArray[np.bool_]:
    """Which parts touch the left or right edge of the image or the padding there."""
    hit = np.zeros(count + 1, dtype=bool)
    for edge in (labels[:, :, 0], labels[:, :, -1]):
        hit[edge.ravel()] = True
    hit[labels[:, :, 1:][void[:, :, :-1]]] = True
    hit[labels[:, :, :-1][void[:, :, 1:]]] = True
    return hit
