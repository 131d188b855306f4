"""`Progressive`: a coarse picture at once, the fine one in bands, swapped in when whole."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

_TARGET_S = 0.05
_FIRST_BAND = 1 / 12

DrawFn = Callable[[bool, int, int], NDArray[np.uint8]]
"""Called with (coarse, first row, end row), rows counted from the bottom; returns those rows."""


class Progressive:
    """Spreads an expensive frame over several turns of the event loop.

    Parameters
    ----------
    draw : callable
    """

    def __init__(self, draw: DrawFn) -> None:
        self._draw = draw
        self._shown: NDArray[np.uint8] | None = None
        self._fine: NDArray[np.uint8] | None = None
        self._row = 0
        self._rows_per_second = 0.0
        self._band = 0
        self._coarse_due = True
        self._fine_due = True

    @property
    def is_complete(self) -> bool:
        """Whether the fine picture is shown."""
        return not (self._coarse_due or self._fine_due)

    def invalidate(self) -> None:
        """Say that the scene changed."""
        self._coarse_due = self._fine_due = True
        self._row = 0

    def step(self, width: int, height: int, *, refine: bool) -> NDArray[np.uint8]:
        """Do one piece of work and return the best picture so far.

        Parameters
        ----------
        refine : bool
            Work on the fine picture once the coarse one is there.
        """
        if self._coarse_due or self._shown is None or self._shown.shape[:2] != (height, width):
            self._shown = self._draw(True, 0, height).copy()
            self._fine = np.empty_like(self._shown)
            self._coarse_due, self._fine_due, self._row = False, True, 0
        elif self._fine_due and refine:
            self._refine(height)
        return self._shown

    def whole(self, width: int, height: int) -> NDArray[np.uint8]:
        """The fine picture, however long it takes."""
        if not self.is_complete or self._shown is None:
            self._shown = self._draw(False, 0, height).copy()
            self._coarse_due = self._fine_due = False
        return self._shown

    def _refine(self, height: int) -> None:
        assert self._fine is not None
        # A picture before this one, or the air at its edge, says little of what comes next.
        first = height * _FIRST_BAND
        most = first if self._row == 0 else 2 * self._band
        wanted = min(self._rows_per_second * _TARGET_S or first, most)
        end = min(height, self._row + max(8, round(wanted)))
        started = perf_counter()
        # Rows come top first, the band counts from the bottom.
        self._fine[height - end : height - self._row] = self._draw(False, self._row, end)
        self._rows_per_second = (end - self._row) / max(perf_counter() - started, 1e-4)
        self._band, self._row = end - self._row, end
        if end == height:
            self._shown, self._fine_due = self._fine, False
