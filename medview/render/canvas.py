"""`Canvas`: lines, tags and translucent areas drawn onto a frame, antialiased, in place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medview.core.findings.labelmap import Rgb

Frame = NDArray[np.uint8]
"""(height, width, 3), top row first."""


class Canvas:
    """Draws onto a frame.

    Coordinates are continuous pixels, y down; pixel (column, row) has its centre at + 0.5.

    Parameters
    ----------
    frame : (height, width, 3) ndarray of uint8
        Changed in place.
    scale : float
        Device pixels per logical pixel; widths and sizes are given in logical ones.
    """

    def __init__(self, frame: Frame, scale: float = 1.0) -> None:
        self.frame = frame
        self.scale = scale

    @property
    def width(self) -> int:
        """Of the frame, in pixels."""
        return int(self.frame.shape[1])

    @property
    def height(self) -> int:
        """Of the frame, in pixels."""
        return int(self.frame.shape[0])

    def line(
        self, start: ArrayLike, end: ArrayLike, rgb: Rgb, width: float = 1.0, alpha: float = 1.0
    ) -> None:
        """Draw a straight line; `width` in logical pixels.

        One short run of pixels is coloured per step along the longer axis, by how much
        of each pixel the line covers.
        """
        a, b = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            return
        steep = abs(b[1] - a[1]) > abs(b[0] - a[0])
        frame = self.frame.transpose(1, 0, 2) if steep else self.frame
        if steep:
            a, b = a[::-1], b[::-1]
        if a[0] > b[0]:
            a, b = b, a
        length, limit = frame.shape[1], frame.shape[0]
        first, last = max(int(np.floor(a[0])), 0), min(int(np.ceil(b[0])), length)
        if first >= last:
            return
        along = np.arange(first, last)
        slope = (b[1] - a[1]) / max(b[0] - a[0], 1e-9)
        middle = a[1] + (np.clip(along + 0.5, a[0], b[0]) - a[0]) * slope
        half = width * self.scale / 2 * np.hypot(1.0, slope)
        reach = int(np.ceil(half)) + 1
        offsets = np.arange(-reach, reach + 1)
        across = np.floor(middle).astype(np.intp)[:, None] + offsets[None, :]
        cover = _overlap(across, middle[:, None] - half, middle[:, None] + half)
        # Ends that do not fill their column.
        cover = cover * _overlap(along, a[0], b[0])[:, None]
        keep = (cover > 0) & (across >= 0) & (across < limit)
        steps = np.broadcast_to(along[:, None], across.shape)[keep]
        self._mix(frame, across[keep], steps, rgb, cover[keep] * alpha)

    def polyline(
        self,
        points: ArrayLike,
        rgb: Rgb,
        width: float = 1.0,
        alpha: float = 1.0,
        closed: bool = False,
    ) -> None:
        """Draw (n, 2) points joined by lines."""
        pts = np.asarray(points, dtype=float)
        ends = np.roll(pts, -1, axis=0) if closed else pts[1:]
        for start, end in zip(pts, ends, strict=False):
            self.line(start, end, rgb, width, alpha)

    def fill_rect(
        self, left: float, top: float, right: float, bottom: float, rgb: Rgb, alpha: float = 1.0
    ) -> None:
        """Fill a rectangle; edges inside a pixel colour it by the part they cover."""
        rows = np.arange(max(int(np.floor(top)), 0), min(int(np.ceil(bottom)), self.height))
        columns = np.arange(max(int(np.floor(left)), 0), min(int(np.ceil(right)), self.width))
        if rows.size == 0 or columns.size == 0:
            return
        cover = _overlap(rows, top, bottom)[:, None] * _overlap(columns, left, right)[None, :]
        patch = self.frame[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        weight = (cover * alpha)[..., None]
        patch[:] = (patch * (1 - weight) + np.asarray(rgb) * weight + 0.5).astype(np.uint8)

    def mask(self, where: NDArray[np.bool_], rgb: Rgb, alpha: float) -> None:
        """Mix a colour into the pixels of a (height, width) mask."""
        rows, columns = np.nonzero(where)
        self._mix(self.frame, rows, columns, rgb, np.float32(alpha))

    def mix_table(self, index: NDArray[np.integer[Any]], rgba: NDArray[np.uint8]) -> None:
        """Mix in colours looked up by pixel.

        Parameters
        ----------
        index : (height, width) ndarray of integers
        rgba : (n, 4) ndarray of uint8
            Straight alpha; entries of alpha 0 leave the pixel as it is.
        """
        flat = index.reshape(-1)
        where = np.flatnonzero(np.take(rgba[:, 3] != 0, flat))
        if where.size == 0:
            return
        colours = np.take(rgba, flat[where], axis=0).astype(np.uint16)
        alpha = colours[:, 3:]
        pixels = self.frame.reshape(-1, 3)
        mixed = pixels[where] * (255 - alpha) + colours[:, :3] * alpha + 127
        pixels[where] = (mixed // 255).astype(np.uint8)

    @staticmethod
    def _mix(
        frame: Frame,
        rows: NDArray[np.intp],
        columns: NDArray[np.intp],
        rgb: Rgb,
        weight: NDArray[np.floating] | np.floating,
    ) -> None:
        w = np.asarray(weight, dtype=np.float32)
        w = w[:, None] if w.ndim else w
        old = frame[rows, columns].astype(np.float32)
        frame[rows, columns] = (old + (np.asarray(rgb, np.float32) - old) * w + 0.5).astype(
            np.uint8
        )


def _overlap(cells: NDArray[np.integer], low: ArrayLike, high: ArrayLike) -> NDArray[np.float64]:
    """How much of each unit cell ``[n, n + 1)`` lies between `low` and `high`."""
    upper = np.minimum(cells + 1, high)
    return np.asarray(np.clip(upper - np.maximum(cells, low), 0.0, 1.0))
