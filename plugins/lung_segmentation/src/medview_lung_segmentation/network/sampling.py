"""The network's grid of about 4 mm, and back: one small matrix per axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Triple = tuple[float, float, float]

SPACING_MM = 4.0
_LOW_HU, _HIGH_HU = -1024.0, 600.0
_TISSUE_HU = -400.0


def network_shape(shape: tuple[int, ...], spacing_mm: Triple) -> tuple[int, int, int]:
    """Voxels along (k, j, i) that come closest to cubes of 4 mm over the same extent."""
    k, j, i = (max(1, round(n * s / SPACING_MM)) for n, s in zip(shape, spacing_mm, strict=True))
    return k, j, i


def resampled(values: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """`values` on another number of voxels over the same extent.

    Linear where voxels become smaller; where they become larger the weights
    widen with them, so that nothing is skipped. Symmetric under flips.
    """
    out = values
    for axis, n in enumerate(shape):
        weights = _weights(out.shape[axis], n)
        out = np.moveaxis(np.tensordot(weights, out, axes=(1, axis)), 0, axis)
    return np.ascontiguousarray(out, dtype=np.float32)


def channels(hu: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the network looks at: (2, k, j, i) values 0..1 and the way from the body's middle.

    The second one is in units of 100 mm, positive to the left of the patient:
    a window that shows one lung alone says nothing of its side otherwise.
    """
    values = (np.clip(hu, _LOW_HU, _HIGH_HU) - _LOW_HU) / (_HIGH_HU - _LOW_HU)
    columns = np.count_nonzero(hu > _TISSUE_HU, axis=(0, 1)).astype(np.float64)
    i = np.arange(hu.shape[2])
    middle = float((columns * i).sum() / columns.sum()) if columns.any() else i.mean()
    lateral = np.clip((i - middle) * SPACING_MM / 100, -2, 2)
    return np.stack([values, np.broadcast_to(lateral, hu.shape)]).astype(np.float32)


def _weights(before: int, after: int) -> NDArray[np.float32]:
    centres = (np.arange(after) + 0.5) * before / after - 0.5
    reach = max(1.0, before / after)
    distance = np.abs(np.clip(centres, 0, before - 1)[:, None] - np.arange(before)[None, :])
    weights = np.maximum(1 - distance / reach, 0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)
