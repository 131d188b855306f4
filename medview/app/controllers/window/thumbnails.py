"""`Thumbnails`: a small picture of each series in sight, kept on disk once it was made."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medview.app.background import Background, Task
from medview.app.library import Library
from medview.core.data.intensity import Window, default_window
from medview.core.data.series import Series
from medview.io.thumbnail_store import ThumbnailStore
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
    store : ThumbnailStore
        Where pictures are kept between sessions.
    """

    def __init__(
        self,
        panel: StudiesPanel,
        library: Library,
        background: Background,
        store: ThumbnailStore,
    ) -> None:
        self._panel = panel
        self._library = library
        self._background = background
        self._store = store
        self._waiting: set[str] = set()
        self._tried: dict[str, SeriesEntry] = {}
        panel.thumbnails_wanted.connect(self._want)
        library.changed.connect(self._start_waiting)
        library.finished.connect(self._look_again)

    def _want(self, uids: Sequence[str]) -> None:
        self._waiting |= set(uids) - set(self._tried)
        self._start_waiting()

    def _start_waiting(self) -> None:
        # Series show up while their scan still runs; they can be read when it has ended.
        for uid in sorted(uid for uid in self._waiting if self._library.has(uid)):
            self._waiting.discard(uid)
            self._tried[uid] = entry = self._library.entry(uid)
            if can_be_thumbed(entry.series):
                self._start(uid, entry)

    def _look_again(self) -> None:
        """Where a folder was opened again: what has not changed comes from disk at once."""
        for uid, before in tuple(self._tried.items()):
            if not self._library.has(uid):
                del self._tried[uid]
            elif self._library.entry(uid) is not before:
                del self._tried[uid]
                self._waiting.add(uid)
        self._start_waiting()

    def _start(self, uid: str, entry: SeriesEntry) -> None:
        def done(rgb: NDArray[np.uint8] | None) -> None:
            if rgb is not None:
                self._panel.set_thumbnail(uid, rgb)

        self._background.start(
            "thumbnails",
            lambda task: _make(entry, self._store, task),
            done=done,
            # A picture in a list is no reason to disturb anybody.
            failed=lambda error: None,
        )


def can_be_thumbed(series: Series) -> bool:
    """Whether there is a slice to make a small picture of."""
    return series.kind in ("volume", "stack", "image")


def thumbnail(
    pixels: NDArray[np.generic],
    window: Window,
    spacing_mm: tuple[float, float] = (1.0, 1.0),
    size: int = SIZE_PX,
    *,
    inverted: bool = False,
) -> NDArray[np.uint8]:
    """A slice as a small picture of true proportions.

    Parameters
    ----------
    pixels : (rows, columns[, 3]) ndarray
    window : Window
    spacing_mm : (row, column)
    size : int
        Longer edge in pixels.
    inverted : bool
        Whether large values are drawn dark.

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
    return np.repeat(grey_of(small, window, inverted)[..., None], 3, axis=2)


def _make(
    entry: SeriesEntry, store: ThumbnailStore, task: Task[NDArray[np.uint8] | None]
) -> NDArray[np.uint8] | None:
    from medview.io.middle_slice import read_middle_slice
    from medview.io.thumbnail_key import thumbnail_key

    task.progress(None)
    key = thumbnail_key(entry)
    kept = store.get(key) if key is not None else None
    if kept is not None:
        return kept
    found = read_middle_slice(entry)
    if found is None:
        return None
    series = entry.series
    window = series.window or default_window(found.pixels, series.intensity)
    made = thumbnail(found.pixels, window, found.spacing_mm, inverted=series.is_shown_inverted)
    if key is not None:
        # A picture that cannot be kept is made again next time.
        with suppress(OSError):
            store.put(key, made)
    return made
