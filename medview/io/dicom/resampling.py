"""Put planes onto the upright, evenly spaced grid that a layout found for them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from medview.core.progress import ProgressFn
from medview.io.dicom.geometry import Layout


def resample_planes(
    planes: NDArray[np.generic],
    layout: Layout,
    progress: ProgressFn,
    on_slice: Callable[[NDArray[np.generic], int], None] | None = None,
) -> NDArray[np.generic]:
    """Linear interpolation along the normal, and within planes where they are shifted.

    Parameters
    ----------
    planes : (planes, rows, columns) ndarray
        In the order of ``layout.frames``.
    layout : Layout
        With a grid and a resampling.

    Returns
    -------
    (k, j, i) ndarray
        Of the planes' dtype, integers rounded to nearest. Outside of every plane
        stands the smallest value of the planes, which is air in CT.
    """
    plan, grid = layout.resampling, layout.grid
    if plan is None or grid is None:
        return planes
    outside = min(float(plane.min()) for plane in planes)
    out = np.empty(grid.shape, dtype=planes.dtype)
    held: dict[int, NDArray[np.float32]] = {}

    def placed(number: int) -> NDArray[np.float32]:
        if number not in held:
            for old in [n for n in held if n < number - 1]:
                del held[old]
            held[number] = _shifted(planes[number], plan.shift_px[number], grid.shape[1:], outside)
        return held[number]

    for k in range(grid.shape[0]):
        progress(k / grid.shape[0], "Placing slices")
        lower, fraction = int(plan.lower[k]), float(plan.fraction[k])
        if fraction == 0:
            mixed = placed(lower)
        elif fraction == 1:
            mixed = placed(lower + 1)
        else:
            mixed = placed(lower) * np.float32(1 - fraction) + placed(lower + 1) * np.float32(
                fraction
            )
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
