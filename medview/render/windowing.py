"""Pixel values to grey: the linear window of DICOM PS3.3 C.11.2.1.3.2 (LINEAR_EXACT)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.data.intensity import Window


class Windowing:
    """Turns values into grey with a window; keeps the table of the last window."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] | None = None
        self._table: NDArray[np.uint8] | None = None

    def grey(
        self, values: NDArray[np.generic], window: Window, inverted: bool
    ) -> NDArray[np.uint8]:
        """Grey values 0..255 of an array of any numeric dtype and shape.

        NaN is drawn black. For types of up to 16 bits the answer is looked up.
        """
        if values.dtype.kind in "iu" and values.dtype.itemsize <= 2:
            table = self._table_for(values.dtype, window, inverted)
            unsigned = values.view(np.dtype(f"u{values.dtype.itemsize}"))
            return np.asarray(np.take(table, unsigned))
        return grey_of(values, window, inverted)

    def _table_for(
        self, dtype: np.dtype[np.generic], window: Window, inverted: bool
    ) -> NDArray[np.uint8]:
        key = (dtype, window, inverted)
        if self._key != key or self._table is None:
            unsigned = np.arange(2 ** (8 * dtype.itemsize), dtype=f"u{dtype.itemsize}")
            self._table = grey_of(unsigned.view(dtype), window, inverted)
            self._key = key
        return self._table


def grey_of(values: NDArray[np.generic], window: Window, inverted: bool) -> NDArray[np.uint8]:
    """Grey values by arithmetic; NaN becomes 0."""
    real = np.float64 if values.dtype.itemsize > 4 else np.float32
    scale = 255.0 / max(window.width, 1e-9)
    grey: NDArray[np.floating[Any]] = values.astype(real)
    grey -= real(window.low)
    grey *= real(scale)
    np.clip(grey, 0, 255, out=grey)
    if inverted:
        np.subtract(255, grey, out=grey)
    if values.dtype.kind == "f":
        np.nan_to_num(grey, copy=False, nan=0.0)
    grey += real(0.5)
    return grey.astype(np.uint8)
