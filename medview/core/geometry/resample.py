"""Bring an array from one grid onto another, in slabs that leave the interpreter free."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import GeometryError
from medview.core.geometry.grid import Grid, same_frame
from medview.core.progress import ProgressFn, ignore_progress

Interpolation = Literal["nearest", "linear"]


def resample(
    array: NDArray[Any],
    source: Grid,
    target: Grid,
    interpolation: Interpolation,
    *,
    outside: float = 0,
    across_frames: bool = False,
    progress: ProgressFn = ignore_progress,
) -> NDArray[Any]:
    """Sample `array`, which lies on `source`, at the voxel centres of `target`.

    Parameters
    ----------
    array : (k, j, i) ndarray
        Values on `source`. Labels must use ``"nearest"``.
    source, target : Grid
        Must share a known frame of reference unless `across_frames`.
    interpolation : {"nearest", "linear"}
    outside : float
        Value of target voxels whose centre lies outside the source's voxels.
    across_frames : bool
        Say that the caller knows both frames to coincide.
    progress : callable
        Called once per slab of target slices; may raise `Cancelled`.

    Returns
    -------
    (k, j, i) ndarray on `target`, of the input's dtype for ``"nearest"``
    and float32 for ``"linear"``.

    Raises
    ------
    GeometryError
        If `array` does not lie on `source` or the frames differ.
    """
    if array.shape != source.shape:
        raise GeometryError(f"Array of shape {array.shape} on a grid of {source.shape}.")
    if source is not target and not across_frames and not same_frame(source, target):
        raise GeometryError(
            "The two grids are not known to share a frame of reference, "
            "so one cannot be resampled onto the other."
        )
    dtype = array.dtype if interpolation == "nearest" else np.dtype(np.float32)
    out = np.full(target.shape, outside, dtype=dtype)
    matrix = source.lps_to_index @ target.index_to_lps
    j, i = np.meshgrid(*(np.arange(n, dtype=np.float64) for n in target.shape[1:]), indexing="ij")
    in_plane = j[..., None] * matrix[:3, 1] + i[..., None] * matrix[:3, 2] + matrix[:3, 3]
    limit = np.asarray(source.shape)
    for k in range(target.shape[0]):
        progress(k / target.shape[0], "Resampling")
        at = in_plane + k * matrix[:3, 0]
        inside = ((at >= -0.5) & (at < limit - 0.5)).all(axis=-1)
        if inside.any():
            sample = _nearest if interpolation == "nearest" else _linear
            out[k][inside] = sample(array, at[inside])
    return out


def _nearest(array: NDArray[Any], at: NDArray[np.float64]) -> NDArray[Any]:
    # floor(x + 1/2), not rint: rint rounds halves to even and would shift every second voxel.
    index = np.clip(np.floor(at + 0.5).astype(np.intp), 0, np.asarray(array.shape) - 1)
    return np.asarray(array[index[:, 0], index[:, 1], index[:, 2]])


def _linear(array: NDArray[Any], at: NDArray[np.float64]) -> NDArray[np.float32]:
    last = np.asarray(array.shape) - 1
    at = np.clip(at, 0, last)
    low = np.minimum(np.floor(at).astype(np.intp), np.maximum(last - 1, 0))
    high = np.minimum(low + 1, last)
    f = (at - low).astype(np.float32)
    out = np.zeros(len(at), dtype=np.float32)
    for corner in range(8):
        pick = [(corner >> a) & 1 for a in (2, 1, 0)]
        where = [high[:, a] if pick[a] else low[:, a] for a in range(3)]
        weight = np.ones(len(at), dtype=np.float32)
        for a in range(3):
            weight = weight * (f[:, a] if pick[a] else 1 - f[:, a])
        out += weight * array[where[0], where[1], where[2]].astype(np.float32)
    return out
