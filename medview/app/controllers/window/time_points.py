"""`TimePoints`: goes through the time points of the active source; loads ahead, in the background.

What is shown changes only when the pixels of the wanted time are at hand. A wish that has been
overtaken by another one is dropped, with its load.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from medview.app.background import Background, Task
from medview.app.controllers.window.loading import Data, size_bytes
from medview.app.controllers.window.notices import Notices
from medview.app.library import Library
from medview.core.data.intensity import Intensity
from medview.core.errors import MedviewError
from medview.core.scene.scene import OpenSource, Scene

if TYPE_CHECKING:
    from medview.io.scan import SeriesEntry

_BUDGET_BYTES = 1 << 30
_FEWEST_KEPT = 2
_AHEAD_AT_REST, _AHEAD_PLAYING = 1, 8


@dataclass(frozen=True, slots=True)
class TimeState:
    """Where in time the active source is.

    Attributes
    ----------
    count : int
        Time points; 1 where nothing moves.
    wanted, shown : int
        What the reader asked for, and what the views show (0-based).
    ready : frozenset of int
        Time points that can be shown at once.
    """

    count: int = 1
    wanted: int = 0
    shown: int = 0
    ready: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class _Loading:
    time: int
    task: Task[tuple[SeriesEntry, Data]]


class TimePoints:
    """Keeps near time points in memory, those nearest to the wanted one for longest.

    Parameters
    ----------
    background : Background
    library : Library
    scene : Scene
    notices : Notices
    budget_bytes : int
        For the time points kept; two of them are kept however large they are.
    """

    def __init__(
        self,
        background: Background,
        library: Library,
        scene: Scene,
        notices: Notices,
        *,
        budget_bytes: int = _BUDGET_BYTES,
    ) -> None:
        self._background = background
        self._library = library
        self._scene = scene
        self._notices = notices
        self._budget = budget_bytes
        self._entry: SeriesEntry | None = None
        self._ready: dict[int, Data] = {}
        self._failed: set[int] = set()
        self._loading: _Loading | None = None
        self._wanted = 0
        self._direction = 1
        self._playing = False
        self.on_state: Callable[[TimeState], None] = lambda state: None
        scene.active_changed.connect(self._on_active)

    @property
    def state(self) -> TimeState:
        """Where in time the active source is."""
        source = self._scene.active
        if source is None:
            return TimeState()
        return TimeState(
            max(1, source.series.times), self._wanted, source.time, frozenset(self._ready)
        )

    @property
    def is_settled(self) -> bool:
        """Whether the views show what was asked for."""
        source = self._scene.active
        return source is None or source.time == self._wanted

    def go(self, time: int) -> None:
        """Show a time point (0-based, clipped), at once if it is at hand."""
        source = self._scene.active
        if source is None or source.series.times < 2:
            return
        time = min(max(time, 0), source.series.times - 1)
        if time == self._wanted and (self.is_settled or self._is_loading(time)):
            return
        self._direction = 1 if time >= self._wanted else -1
        self._wanted = time
        self._failed.discard(time)
        if time in self._ready:
            self._show()
        self._go_on()

    def step(self, steps: int, *, round_and_round: bool = False) -> None:
        """Go on in time; stops at the ends, or begins anew."""
        target = self._wanted + steps
        self.go(target % self.state.count if round_and_round else target)

    def set_playing(self, playing: bool) -> None:
        """Load further ahead while the time points are played."""
        self._playing = playing
        self._go_on()

    # ---- parts -----------------------------------------------------------------------

    def _on_active(self, source: OpenSource | None) -> None:
        self._drop_loading()
        self._ready, self._failed, self._entry = {}, set(), None
        self._wanted = source.time if source is not None else 0
        self._direction = 1
        if source is not None and source.series.times > 1:
            self._ready[source.time] = source.data
            try:
                self._entry = self._library.entry(source.id)
            except MedviewError:
                # Closed from the library meanwhile: what is on screen stays.
                self._entry = None
        self._go_on()

    def _go_on(self) -> None:
        """Load what is needed next: the wanted time first, then its neighbours."""
        missing = [t for t in self._needed() if t not in self._ready and t not in self._failed]
        if self._loading is not None:
            is_late = self._wanted in missing and self._loading.time != self._wanted
            if is_late or self._loading.time not in missing:
                self._drop_loading()
        if missing and self._loading is None:
            self._load(missing[0])
        self.on_state(self.state)

    def _needed(self) -> list[int]:
        """What shall be in memory now, in order of need."""
        source = self._scene.active
        if source is None or self._entry is None:
            return []
        ahead = _AHEAD_PLAYING if self._playing else _AHEAD_AT_REST
        near = [self._wanted + self._direction * n for n in range(ahead + 1)]
        near.append(self._wanted - self._direction)
        count = source.series.times
        if self._playing:
            near = [time % count for time in near]
        inside = dict.fromkeys(time for time in near if 0 <= time < count)
        return list(inside)[: self._most_kept()]

    def _most_kept(self) -> int:
        largest = max((size_bytes(data) for data in self._ready.values()), default=0)
        return max(_FEWEST_KEPT, self._budget // max(largest, 1))

    def _load(self, time: int) -> None:
        source, entry = self._scene.active, self._entry
        if source is None or entry is None:
            return
        intensity = source.series.intensity
        task = self._background.start(
            "times",
            lambda task: _load(entry, time, intensity, task),
            done=lambda result: self._done(time, *result),
            failed=lambda error: self._on_failure(time, error),
        )
        self._loading = _Loading(time, task)

    def _done(self, time: int, entry: SeriesEntry, data: Data) -> None:
        self._loading = None
        # Headers of a remembered series were read anew; once for all time points is enough.
        self._entry = entry
        self._ready[time] = data
        self._make_room()
        if time == self._wanted:
            self._show()
        self._go_on()

    def _on_failure(self, time: int, error: Exception) -> None:
        self._loading = None
        self._failed.add(time)
        source = self._scene.active
        if time == self._wanted and source is not None:
            self._wanted = source.time
            self._notices.failed(f"Opening time point {time + 1}", error)
        self._go_on()

    def _show(self) -> None:
        source = self._scene.active
        if source is not None and source.time != self._wanted:
            self._scene.set_data(source.id, self._ready[self._wanted])

    def _make_room(self) -> None:
        """Let go of what is furthest from the wanted time; never of what is on screen."""
        source = self._scene.active
        needed = self._needed()

        def need(time: int) -> tuple[int, int]:
            place = needed.index(time) if time in needed else len(needed)
            return place, abs(time - self._wanted)

        kept = sorted(self._ready, key=need)[: self._most_kept()]
        shown = source.time if source is not None else None
        self._ready = {t: d for t, d in self._ready.items() if t in kept or t == shown}

    def _is_loading(self, time: int) -> bool:
        return self._loading is not None and self._loading.time == time

    def _drop_loading(self) -> None:
        if self._loading is not None:
            self._loading.task.cancel()
            self._loading = None


def _load(
    entry: SeriesEntry, time: int, intensity: Intensity, task: Task[tuple[SeriesEntry, Data]]
) -> tuple[SeriesEntry, Data]:
    from medview.io.load import content_of, load

    known = replace(entry, content=content_of(entry))
    data = load(
        known,
        time=time,
        intensity=intensity,
        progress=lambda fraction, text: task.progress(fraction, text),
    )
    return known, data
