"""Bring volumes to the axes and spacing that a network wants, and results back.

Between grids whose axes are parallel, sampling is done axis by axis, which is
some thirty times as fast as point by point; other grids go the general way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import UsageError
from medview.core.geometry.grid import Grid
from medview.core.geometry.orient import AxisOrder, canonical_order
from medview.core.geometry.resample import Interpolation, resample
from medview.core.progress import ProgressFn, ignore_progress

_CANONICAL = ("SI", "PA", "LR")
_PARALLEL = 1e-6
Axis = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32], NDArray[np.bool_]]


def oriented(grid: Grid, letters: str) -> Grid:
    """The same voxels with array axes that run nearest to three anatomical directions.

    Parameters
    ----------
    grid : Grid
    letters : str
        For each axis of the result the direction in which it grows: ``"RAS"`` is MONAI's
        usual order, ``"SPL"`` medview's own.

    Raises
    ------
    UsageError
        If the letters do not name three different axes.
    """
    axes = [next((n for n, pair in enumerate(_CANONICAL) if c in pair), -1) for c in letters]
    if sorted(axes) != [0, 1, 2]:
        raise UsageError(f"'{letters}' does not name three different directions.")
    flips = [c == _CANONICAL[a][1] for c, a in zip(letters, axes, strict=True)]
    canonical = canonical_order(grid).apply_to_grid(grid)
    order = AxisOrder((axes[0], axes[1], axes[2]), (flips[0], flips[1], flips[2]))
    return order.apply_to_grid(canonical)


def spaced(grid: Grid, spacing_mm: tuple[float | None, ...]) -> Grid:
    """A grid with another spacing whose first voxel centre stays where it is.

    Shape and place are those of MONAI's ``Spacing``, so that models validated with it see
    the same samples; `Grid.resampled` keeps edges instead. None keeps an axis as it is.
    """
    old = np.asarray(grid.spacing_mm)
    new = np.array([s if n is None else n for s, n in zip(old, spacing_mm, strict=True)])
    shape = np.maximum(1, np.round((np.asarray(grid.shape) - 1) * old / new + 1)).astype(int)
    matrix = np.array(grid.index_to_lps)
    matrix[:3, :3] = matrix[:3, :3] * (new / old)
    return Grid((int(shape[0]), int(shape[1]), int(shape[2])), matrix, grid.frame_of_reference)


def onto(
    array: NDArray[Any],
    source: Grid,
    target: Grid,
    interpolation: Interpolation,
    *,
    outside: float | None = None,
    progress: ProgressFn = ignore_progress,
) -> NDArray[Any]:
    """Sample `array`, which lies on `source`, at the voxel centres of `target`.

    Parameters
    ----------
    array : ndarray on `source`
    source, target : Grid
        Both in one frame of reference, which the caller vouches for.
    interpolation : {"nearest", "linear"}
    outside : float, optional
        Value beyond the source's voxels; None repeats the edge, and is 0 where the axes of the
        two grids are not parallel.
    progress : callable
        Called for each slice; may raise `Cancelled`.

    Returns
    -------
    ndarray on `target`, C-contiguous; float32 for ``"linear"``.
    """
    found = _parallel(source, target)
    if found is None:
        far = 0.0 if outside is None else outside
        return resample(
            array, source, target, interpolation, outside=far, across_frames=True, progress=progress
        )
    axes, scale, shift = found
    # In the order of the source's axes, so that slices are read as they lie in memory.
    plans: list[Axis] = [
        _axis(array.shape[a], target.shape[t], scale[t], shift[t])
        for a, t in ((a, axes.index(a)) for a in range(3))
    ]
    sample = _nearest if interpolation == "nearest" else _linear
    out = sample(array, plans, progress)
    if outside is not None:
        for axis, (_, _, _, inside) in enumerate(plans):
            out[(slice(None),) * axis + (~inside,)] = outside
    return np.ascontiguousarray(out.transpose(axes))


def _parallel(
    source: Grid, target: Grid
) -> tuple[tuple[int, int, int], NDArray[np.float64], NDArray[np.float64]] | None:
    """Source axis, step and start in source indices for each target axis; None if oblique."""
    matrix = source.lps_to_index @ target.index_to_lps
    linear = matrix[:3, :3]
    axes = np.abs(linear).argmax(axis=0)
    reach = np.abs(linear) * (np.asarray(target.shape) - 1)
    for t in range(3):
        reach[axes[t], t] = 0
    # What the axes drift sideways over the whole volume, in source voxels.
    if len(set(axes.tolist())) != 3 or reach.max() > max(_PARALLEL * max(source.shape), 1e-4):
        return None
    scale = np.array([linear[axes[t], t] for t in range(3)])
    shift = np.array([matrix[axes[t], 3] for t in range(3)])
    return (int(axes[0]), int(axes[1]), int(axes[2])), scale, shift


def _axis(have: int, count: int, scale: float, shift: float) -> Axis:
    at = np.arange(count) * scale + shift
    inside = (at >= -0.5 - 1e-6) & (at < have - 0.5 + 1e-6)
    at = np.clip(at, 0, have - 1)
    low = np.minimum(np.floor(at + 1e-6).astype(np.intp), max(have - 2, 0))
    high = np.minimum(low + 1, have - 1)
    return low, high, np.clip(at - low, 0, 1).astype(np.float32), inside


def _nearest(array: NDArray[Any], plans: list[Axis], progress: ProgressFn) -> NDArray[Any]:
    index = [np.where(share >= 0.5, high, low) for low, high, share, _ in plans]
    out = np.empty([len(i) for i in index], dtype=array.dtype)
    for n, k in enumerate(index[0].tolist()):
        progress(n / len(out), "Resampling")
        out[n] = array[k][np.ix_(index[1], index[2])]
    return out


def _linear(array: NDArray[Any], plans: list[Axis], progress: ProgressFn) -> NDArray[np.float32]:
    low, high, share, _ = plans[0]
    out = np.empty([len(p[0]) for p in plans], dtype=np.float32)
    ready: dict[int, NDArray[np.float32]] = {}
    for n, (a, b) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
        progress(n / len(out), "Resampling")
        ready = {k: ready[k] if k in ready else _plane(array[k], plans) for k in {a, b}}
        out[n] = ready[a] * (1 - share[n]) + ready[b] * share[n] if share[n] else ready[a]
    return out


def _plane(plane: NDArray[Any], plans: list[Axis]) -> NDArray[np.float32]:
    values = plane.astype(np.float32)
    for axis in (1, 2):
        low, high, share, _ = plans[axis]
        f = share[:, None] if axis == 1 else share[None, :]
        first, second = values.take(low, axis - 1), values.take(high, axis - 1)
        values = first * (1 - f) + second * f
    return values
