"""Put planes onto the upright, evenly spaced grid that a layout found for them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import GeometryError
from medview.core.geometry.grid import Grid
from medview.core.progress import ProgressFn
from medview.io.dicom.geometry import Layout, Resampling


def memory_for_both(
    layout: Layout, plane: tuple[int, int], dtype: np.dtype[np.generic]
) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    """Room for the planes and for the volume made of them, largely the same memory.

    Planes lie at its end. Slices are made from the first on, each after the two planes that
    it needs were copied, so no slice reaches a plane that is still to be read.

    Parameters
    ----------
    layout : Layout
        With a grid and a resampling.
    plane : (rows, columns)
        Size of one plane.

    Returns
    -------
    planes : (planes, rows, columns) ndarray
    out : (k, j, i) ndarray
    """
    plan, grid = _plan(layout)
    count, size = len(layout.frames), plane[0] * plane[1]
    slices, slice_size = grid.shape[0], grid.shape[1] * grid.shape[2]
    waiting = np.maximum(count - plan.lower - 2, 0)
    total = max(
        slices * slice_size,
        count * size,
        int((np.arange(1, slices + 1) * slice_size + waiting * size).max()),
    )
    memory = np.empty(total, dtype)
    return (
        memory[total - count * size :].reshape(count, *plane),
        memory[: slices * slice_size].reshape(grid.shape),
    )


def _plan(layout: Layout) -> tuple[Resampling, Grid]:
    if layout.resampling is None or layout.grid is None:
        raise GeometryError("The slices lie on their grid as they are.")
    return layout.resampling, layout.grid


def resample_planes(
    planes: NDArray[np.generic],
    layout: Layout,
    out: NDArray[np.generic],
    progress: ProgressFn,
    on_slice: Callable[[NDArray[np.generic], int], None] | None = None,
) -> NDArray[np.generic]:
    """Linear interpolation along the normal, and within planes where they are shifted.

    Parameters
    ----------
    planes : (planes, rows, columns) ndarray
        In the order of ``layout.frames``; lost afterwards.
    layout : Layout
        With a grid and a resampling.
    out : (k, j, i) ndarray
        From `memory_for_both`.

    Returns
    -------
    (k, j, i) ndarray
        Of the planes' dtype, integers rounded to nearest. Outside of every plane
        stands the smallest value of the planes, which is air in CT.
    """
    plan, grid = _plan(layout)
    outside = min(float(plane.min()) for plane in planes)
    held: dict[int, NDArray[np.float32]] = {}

    def placed(number: int) -> NDArray[np.float32]:
        if number not in held:
            for old in [n for n in held if n < number - 1]:
                del held[old]
            held[number] = _shifted(planes[number], plan.shift_px[number], grid.shape[1:], outside)
        return held[number]

    for k in range(grid.shape[0]):
        progress(k / grid.shape[0], "Placing slices")
        lower, fraction = int(plan.lower[k]), np.float32(plan.fraction[k])
        # Both are copied now, even where one is enough: what follows may overwrite them.
        below, above = placed(lower), placed(lower + 1)
        if fraction in (0, 1):
            mixed = above if fraction else below
        else:
            mixed = below * (1 - fraction) + above * fraction
        if out.dtype.kind == "f":
            out[k] = mixed
        else:
            np.copyto(out[k], np.rint(mixed), casting="unsafe")
        if on_slice is not None:
            on_slice(out[k], k)
    return out


def _shifted(
    plane: NDArray[np.generic],
    shift: NDArray[np.float64],
    shape: tuple[int, ...],
    outside: float,
) -> NDArray[np.float32]:
    """The plane with its first pixel at (row, column) `shift` of a larger picture."""
    values = plane.astype(np.float32)
    whole = np.floor(shift + 1e-4).astype(int)
    for axis in (0, 1):
        part = float(shift[axis] - whole[axis])
        if part > 1e-3:
            values = _between(values, part, axis, outside)
    out = np.full(shape, outside, dtype=np.float32)
    rows, columns = (
        min(n, size - w) for n, size, w in zip(values.shape, shape, whole, strict=True)
    )
    out[whole[0] : whole[0] + rows, whole[1] : whole[1] + columns] = values[:rows, :columns]
    return out


def _between(
    values: NDArray[np.float32], part: float, axis: int, outside: float
) -> NDArray[np.float32]:
    """Values moved up by a fraction of a pixel along an axis, one longer than before.

    At either end a pixel reaches half its width beyond its centre and no further.
    """
    lines = np.moveaxis(values, axis, 0)
    mixed = np.empty((len(lines) + 1, *lines.shape[1:]), np.float32)
    mixed[1:-1] = lines[:-1] * np.float32(part) + lines[1:] * np.float32(1 - part)
    mixed[0] = lines[0] if part <= 0.5 else outside
    mixed[-1] = lines[-1] if part > 0.5 else outside
    return np.moveaxis(mixed, 0, axis)
