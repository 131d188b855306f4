"""`Loader`: brings the pixels of a chosen series into the scene, in the background."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medview.app.background import Background, Task
from medview.app.controllers.window.activity import Activity
from medview.app.controllers.window.notices import Notices
from medview.app.library import Library
from medview.app.session import Session
from medview.core.data.image2d import Image2D
from medview.core.data.series import Series
from medview.core.data.slide import Slide
from medview.core.data.stack import Stack
from medview.core.data.volume import Volume
from medview.core.errors import MedviewError
from medview.core.scene.scene import OpenSource

if TYPE_CHECKING:
    from medview.io.scan import SeriesEntry

Data = Volume | Image2D | Stack | Slide
_KEY = "load"
_BUDGET_BYTES = 3 << 30


class Loader:
    """Loads one series at a time; choosing another one drops the one before.

    Parameters
    ----------
    background : Background
    library : Library
    session : Session
    activity : Activity
    notices : Notices
    budget_bytes : int
        Sources without findings are closed, oldest first, while all pixels together are above it.
    """

    def __init__(
        self,
        background: Background,
        library: Library,
        session: Session,
        activity: Activity,
        notices: Notices,
        *,
        budget_bytes: int = _BUDGET_BYTES,
    ) -> None:
        self._background = background
        self._library = library
        self._scene = session.scene
        self._activity = activity
        self._notices = notices
        self._budget = budget_bytes
        self._task: Task[Data] | None = None
        self._wanted: str | None = None
        self._before: str | None = None
        self.on_wanted: Callable[[str | None], None] = lambda uid: None
        self.on_first_slice: Callable[[Series, NDArray[np.generic], int], None] = _no_preview

    @property
    def wanted(self) -> str | None:
        """UID of the series that is shown or on its way."""
        return self._wanted

    def show(self, uid: str) -> None:
        """Show a series: at once if it is open, else when it is loaded.

        What was on its way is dropped, unless this one turns out to be nothing to show.
        """
        if any(source.id == uid for source in self._scene.sources):
            self._stop()
            self._want(uid)
            self._scene.set_active(uid)
            return
        try:
            entry = self._library.entry(uid)
        except MedviewError as error:
            self._notices.failed("Opening the series", error)
            return
        if entry.series.kind == "document":
            self._notices.tell("This is a document; there is nothing to draw.")
            return
        self._stop()
        self._want(uid)
        self._task = self._background.start(
            "load",
            lambda task: _load(entry, task, self._preview),
            done=lambda data: self._done(entry, data),
            failed=self._failed,
            on_progress=lambda fraction, stage: self._activity.update(_KEY, fraction, stage),
        )
        title = entry.series.description or entry.series.modality or "series"
        self._activity.begin(_KEY, f"Loading {title}", self.cancel)

    def cancel(self) -> None:
        """Stop loading; what was shown before stays."""
        self._stop()
        self._go_back()

    def close_all(self) -> None:
        """Close every source; nothing stays on screen, be it the first slice of one on its way."""
        self._stop()
        self._before = None
        self._want(None)
        self._clear_preview()
        for source in self._scene.sources:
            self._scene.remove_source(source.id)

    def _preview(self, series: Series, pixels: NDArray[np.generic], k: int) -> None:
        """Show the first slice there is; what was on screen leaves it for good or until cancel."""
        active = self._scene.active
        if active is not None:
            # While one preview follows another there is none: what was left first counts.
            self._before = active.id
        # No act of the reader may reach one series while the picture shows another.
        self._scene.set_active(None)
        self.on_first_slice(series, pixels, k)

    def _go_back(self) -> None:
        open_ids = {source.id for source in self._scene.sources}
        if self._scene.active is None and self._before in open_ids:
            self._scene.set_active(self._before)
        self._before = None
        self._clear_preview()
        active = self._scene.active
        self._want(active.id if active else None)

    def _clear_preview(self) -> None:
        # A first slice may be on screen without a source behind it, whose end would clear it.
        if self._scene.active is None:
            self._scene.active_changed.emit(None)

    def _want(self, uid: str | None) -> None:
        self._wanted = uid
        self.on_wanted(uid)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._activity.end(_KEY)

    def _failed(self, error: Exception) -> None:
        self._task = None
        self._activity.end(_KEY)
        self._go_back()
        self._notices.failed("Opening the series", error)

    def _done(self, entry: SeriesEntry, data: Data) -> None:
        self._task = None
        self._before = None
        self._activity.end(_KEY)
        series = entry.series
        if not any(source.id == series.uid for source in self._scene.sources):
            self._scene.add_source(OpenSource(series.uid, series, entry.study.uid, data))
        self._scene.set_active(series.uid)
        self._make_room()

    def _make_room(self) -> None:
        for source in self._scene.sources:
            total = sum(size_bytes(s.data) for s in self._scene.sources)
            if total <= self._budget:
                return
            is_active = self._scene.active is not None and source.id == self._scene.active.id
            if not is_active and not self._scene.layers_of(source.id):
                self._scene.remove_source(source.id)


def size_bytes(data: Data) -> int:
    """Memory that the pixels of a source take; 0 for a slide, which is read by region."""
    if isinstance(data, Volume | Image2D):
        return data.array.nbytes
    if isinstance(data, Stack):
        return sum(s.nbytes for s in data.slices)
    return 0


def _load(
    entry: SeriesEntry,
    task: Task[Data],
    preview: Callable[[Series, NDArray[np.generic], int], None],
) -> Data:
    from medview.io.load import load

    last = 0.0
    is_first = True

    def progress(fraction: float | None, text: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > 0.05 or task.is_cancelled:
            last = now
            task.progress(fraction, text)

    def on_slice(pixels: NDArray[np.generic], k: int) -> None:
        nonlocal is_first
        if is_first:
            is_first = False
            task.deliver(lambda: preview(entry.series, pixels, k))

    return load(entry, progress=progress, on_slice=on_slice)


def _no_preview(series: Series, pixels: NDArray[np.generic], k: int) -> None:
    """Show nothing before the series is whole."""
