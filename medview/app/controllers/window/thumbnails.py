"""`Thumbnails`: a small picture of each series in sight, made from its middle slice alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medview.app.background import Background, Task
from medview.app.library import Library
from medview.core.data.intensity import Window, default_window
from medview.core.data.series import Series
from medview.render.windowing import grey_of
from medview.view.panels.studies import StudiesPanel

if TYPE_CHECKING:
    from medview.io.scan import SeriesEntry

SIZE_PX = 96


class Thumbnails:
    """Makes pictures in the background, one after the other.

    Parameters
    ----------
    panel : StudiesPanel
    library : Library
    background : Background
    """

    def __init__(self, panel: StudiesPanel, library: Library, background: Background) -> None:
        self._panel = panel
        self._library = library
        self._background = background
        self._waiting: set[str] = set()
        self._tried: set[str] = set()
        panel.thumbnails_wanted.connect(self._want)
        library.changed.connect(self._start_waiting)

    def _want(self, uids: Sequence[str]) -> None:
        self._waiting |= set(uids) - self._tried
        self._start_waiting()

    def _start_waiting(self) -> None:
        # Series show up while their scan still runs; they can be read when it has ended.
        for uid in sorted(uid for uid in self._waiting if self._library.has(uid)):
            self._waiting.discard(uid)
            self._tried.add(uid)
            entry = self._library.entry(uid)
            if can_be_thumbed(entry.series):
                self._start(uid, entry)

    def _start(self, uid: str, entry: SeriesEntry) -> None:
        def done(rgb: NDArray[np.uint8] | None) -> None:
            if rgb is not None:
                self._panel.set_thumbnail(uid, rgb)

        self._background.start(
            "thumbnails",
            lambda task: _make(entry, task),
            done=done,
            # A picture in a list is no reason to disturb anybody.
            failed=lambda error: None,
        )


def can_be_thumbed(series: Series) -> bool:
    """Whether one slice can be had without reading the whole series."""
    return series.kind == "volume" and series.transfer_syntax is not None


def thumbnail(
    pixels: NDArray[np.generic],
    window: Window,
    spacing_mm: tuple[float, float] = (1.0, 1.0),
    size: int = SIZE_PX,
) -> NDArray[np.uint8]:
    """A slice as a small picture of true proportions.

    Parameters
    ----------
    pixels : (rows, columns[, 3]) ndarray
    window : Window
    spacing_mm : (row, column)
    size : int
        Longer edge in pixels.

    Returns
    -------
    (rows, columns, 3) ndarray of uint8
    """
    high, wide = pixels.shape[0] * spacing_mm[0], pixels.shape[1] * spacing_mm[1]
    scale = size / max(high, wide)
    shape = max(1, round(high * scale)), max(1, round(wide * scale))
    rows = ((np.arange(shape[0]) + 0.5) * pixels.shape[0] / shape[0]).astype(int)
    columns = ((np.arange(shape[1]) + 0.5) * pixels.shape[1] / shape[1]).astype(int)
    small = pixels[rows[:, None], columns[None, :]]
    if small.ndim == 3:
        return np.asarray(small, dtype=np.uint8)
    return np.repeat(grey_of(small, window, False)[..., None], 3, axis=2)


class _EnoughError(Exception):
    """Carries the first slice out of a load that need not go on."""

    def __init__(self, pixels: NDArray[np.generic]) -> None:
        super().__init__()
        self.pixels = pixels


def _make(entry: SeriesEntry, task: Task[NDArray[np.uint8] | None]) -> NDArray[np.uint8] | None:
    from medview.io.load import load

    def first(pixels: NDArray[np.generic], _k: int) -> None:
        raise _EnoughError(np.array(pixels))

    try:
        load(entry, progress=lambda fraction, text: task.progress(fraction, text), on_slice=first)
    except _EnoughError as enough:
        series = entry.series
        window = series.window or default_window(enough.pixels, series.intensity)
        spacing = series.spacing_mm or (1.0, 1.0, 1.0)
        return thumbnail(enough.pixels, window, (spacing[-2], spacing[-1]))
    return None
