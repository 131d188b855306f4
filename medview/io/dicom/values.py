"""From stored values to values with a meaning: the rescale, and the dtype that holds it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from medview.io.dicom.frame import Frame

_LARGE = 1 << 31


class RangeError(Exception):
    """Rescaled values do not fit the integer type that was hoped for."""


def hoped_dtype(frames: Iterable[Frame], factor: float = 1.0) -> np.dtype[np.generic]:
    """The dtype to try first for the rescaled values of a volume.

    Integral slopes and intercepts of at most 16-bit data give int16 (or uint8 for
    8-bit data without rescale); everything else float32. Whether int16 really
    suffices only the values can tell, because scanners declare 16 bits and fill
    12: `rescale_into` raises `RangeError` where they do not fit, and the volume is
    then read as float32, which holds every 16-bit value exactly.
    """
    dtype: np.dtype[np.generic] = np.dtype(np.uint8)
    for frame in frames:
        form = frame.format
        integral = frame.slope == int(frame.slope) and frame.intercept == int(frame.intercept)
        modest = abs(frame.slope) < _LARGE and abs(frame.intercept) < _LARGE
        if form.is_float or form.bits_allocated > 16 or factor != 1.0 or not (integral and modest):
            return np.dtype(np.float32)
        is_plain = frame.slope == 1 and frame.intercept == 0
        if form.bits_allocated > 8 or form.signed or not is_plain:
            dtype = np.dtype(np.int16)
    return dtype


def rescale_into(
    out: NDArray[np.generic],
    stored: NDArray[np.generic],
    slope: float,
    intercept: float,
    factor: float = 1.0,
) -> None:
    """Write ``(stored * slope + intercept) * factor`` into `out`.

    Parameters
    ----------
    out : ndarray
        May share memory with `stored` where both have the same item size.

    Raises
    ------
    RangeError
        If `out` is an integer array and a value does not fit.
    """
    if out.dtype.kind == "f":
        # Float pixels and rescales of a damaged file may hold anything.
        with np.errstate(all="ignore"):
            _rescale_float(out, stored, slope, intercept, factor)
        return
    low, high = _span(stored)
    ends = (low * slope + intercept, high * slope + intercept)
    limits = np.iinfo(out.dtype.name)
    if min(ends) < limits.min or max(ends) > limits.max:
        raise RangeError
    # Arithmetic modulo 2^16 is exact here, because both ends were seen to fit.
    offset = np.int64(intercept).astype(out.dtype)
    if slope != 1:
        np.multiply(stored, int(slope), out=out, casting="unsafe", dtype=np.int64)
        np.add(out, offset, out=out)
    elif intercept == 0:
        if not np.shares_memory(out, stored):
            np.copyto(out, stored, casting="unsafe")
    else:
        same = stored.view(out.dtype) if stored.dtype.itemsize == out.dtype.itemsize else stored
        np.add(same, offset, out=out, casting="unsafe", dtype=out.dtype)


def _rescale_float(
    out: NDArray[np.generic],
    stored: NDArray[np.generic],
    slope: float,
    intercept: float,
    factor: float,
) -> None:
    if slope == 1 and factor == 1:
        wide = np.float64 if stored.dtype.itemsize > 2 else np.float32
        np.add(stored, intercept, out=out, casting="unsafe", dtype=wide)
    else:
        np.multiply(stored, slope * factor, out=out, casting="unsafe", dtype=np.float64)
        np.add(out, intercept * factor, out=out, casting="unsafe")


def _span(stored: NDArray[np.generic]) -> tuple[int, int]:
    return int(stored.min()), int(stored.max())
