"""Dilation, erosion and closing with balls of millimetres, and labelling, in slabs.

Every call is short or releases the interpreter, and `tick` is called between
slabs, so that a run can be cancelled within a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]
Spacing = tuple[float, float, float]
Tick = Callable[[], None]
Box = tuple[slice, slice, slice]

_SLAB_VOXELS = 2_000_000
_FEW_OFFSETS = 125


def near(mask: Mask, radius_mm: float, spacing_mm: Spacing, tick: Tick) -> Mask:
    """Voxels whose centre lies within `radius_mm` of the centre of a voxel of `mask`.

    A dilation with a physical ball. Slabs overlap by the radius, so the result
    equals that of the whole volume.
    """
    offsets = _ball(radius_mm, spacing_mm)
    if len(offsets) <= _FEW_OFFSETS:
        return _shifted(mask, offsets, tick)
    out = np.zeros(mask.shape, dtype=bool)
    halo = int(np.ceil(radius_mm / spacing_mm[0])) + 1
    step = max(8, _SLAB_VOXELS // max(1, mask.shape[1] * mask.shape[2]))
    for start in range(0, mask.shape[0], step):
        tick()
        stop = min(start + step, mask.shape[0])
        low = max(start - halo, 0)
        slab = mask[low : stop + halo]
        box = bounding_box(slab, spacing_mm, radius_mm)
        if box is None:
            continue
        distance = ndimage.distance_transform_edt(~slab[box], sampling=spacing_mm)
        # Distances of exactly the radius must not depend on rounding.
        whole = np.zeros(slab.shape, dtype=bool)
        whole[box] = distance <= radius_mm + 1e-3
        out[start:stop] = whole[start - low : stop - low]
    return out


def _ball(radius_mm: float, spacing_mm: Spacing) -> NDArray[np.intp]:
    reach = [int(radius_mm / s + 1e-3) for s in spacing_mm]
    steps = np.stack(
        np.meshgrid(*(np.arange(-r, r + 1) for r in reach), indexing="ij"), axis=-1
    ).reshape(-1, 3)
    lengths = np.linalg.norm(steps * np.asarray(spacing_mm), axis=1)
    return np.asarray(steps[lengths <= radius_mm + 1e-3])


def _shifted(mask: Mask, offsets: NDArray[np.intp], tick: Tick) -> Mask:
    """Union of shifted copies: quicker than distances while the ball is a few voxels wide."""
    out = mask.copy()
    for offset in offsets:
        tick()
        to = tuple(slice(max(d, 0), n + min(d, 0)) for d, n in zip(offset, mask.shape, strict=True))
        of = tuple(
            slice(max(-d, 0), n + min(-d, 0)) for d, n in zip(offset, mask.shape, strict=True)
        )
        out[to] |= mask[of]
    return out


def eroded(mask: Mask, radius_mm: float, spacing_mm: Spacing, tick: Tick) -> Mask:
    """`mask` without voxels closer than `radius_mm` to its outside; volume edges do not erode."""
    return ~near(~mask, radius_mm, spacing_mm, tick)


def closed(mask: Mask, radius_mm: float, spacing_mm: Spacing, tick: Tick) -> Mask:
    """Closing with a ball; the first and last slice are taken to go on beyond the volume."""
    if radius_mm <= 0:
        return mask
    box = bounding_box(mask, spacing_mm, 2 * radius_mm)
    if box is None:
        return mask
    out = mask.copy()
    reach = int(np.ceil(radius_mm / spacing_mm[0])) + 1
    before = reach if box[0].start == 0 else 0
    after = reach if box[0].stop == mask.shape[0] else 0
    part = np.pad(mask[box], ((before, after), (0, 0), (0, 0)), mode="edge")
    grown = near(part, radius_mm, spacing_mm, tick)
    whole = eroded(grown, radius_mm, spacing_mm, tick)
    out[box] |= whole[before : len(whole) - after]
    return out


def bounding_box(mask: Mask, spacing_mm: Spacing, margin_mm: float = 0.0) -> Box | None:
    """Slices around the true voxels, wider by `margin_mm` within the volume; None if empty."""
    slices = []
    for axis in range(3):
        others = tuple(a for a in range(3) if a != axis)
        hit = np.flatnonzero(mask.any(axis=others))
        if hit.size == 0:
            return None
        margin = int(np.ceil(margin_mm / spacing_mm[axis])) + 1
        low, high = int(hit[0]) - margin, int(hit[-1]) + 1 + margin
        slices.append(slice(max(low, 0), min(high, mask.shape[axis])))
    return slices[0], slices[1], slices[2]


def components(mask: Mask) -> tuple[NDArray[np.int32], int]:
    """Label parts joined through faces; (labels, count)."""
    labels = np.empty(mask.shape, dtype=np.int32)
    count = ndimage.label(mask, output=labels)
    return labels, int(count)


def slice_components(mask: Mask) -> tuple[NDArray[np.int32], int]:
    """Label parts joined through edges within a slice k, never across slices."""
    structure = np.zeros((3, 3, 3), dtype=bool)
    structure[1, 1, :] = structure[1, :, 1] = True
    labels = np.empty(mask.shape, dtype=np.int32)
    count = ndimage.label(mask, structure=structure, output=labels)
    return labels, int(count)


def sizes(labels: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Voxels of every label 0..count."""
    total = np.zeros(count + 1, dtype=np.int64)
    for slab in labels:
        total += np.bincount(slab.ravel(), minlength=count + 1)
    return total


def sums(labels: NDArray[np.int32], count: int, values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Sum of `values` over every label 0..count."""
    total = np.zeros(count + 1)
    for slab, value in zip(labels, values, strict=True):
        total += np.bincount(slab.ravel(), weights=value.ravel(), minlength=count + 1)
    return total


def filled(mask: Mask, spacing_mm: Spacing, tick: Tick) -> Mask:
    """`mask` with its enclosed holes filled; what reaches the first or last slice is open.

    Holes of single slices stay: the dome of the diaphragm is one.
    """
    box = bounding_box(mask, spacing_mm)
    if box is None:
        return mask
    tick()
    labels, count = components(~mask[box])
    is_open = np.zeros(count + 1, dtype=bool)
    for axis in range(3):
        for end in (0, -1):
            is_open[labels.take(end, axis=axis).ravel()] = True
    is_open[0] = True
    tick()
    out = mask.copy()
    out[box] |= ~is_open[labels]
    return out


def open_background(mask: Mask) -> Mask:
    """What is outside of `mask` and joined to an edge of its slice."""
    labels, count = slice_components(~mask)
    is_open = np.zeros(count + 1, dtype=bool)
    for edge in (labels[:, 0], labels[:, -1], labels[:, :, 0], labels[:, :, -1]):
        is_open[edge.ravel()] = True
    is_open[0] = False
    return np.asarray(is_open[labels])
