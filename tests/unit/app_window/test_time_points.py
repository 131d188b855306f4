"""Going through time: stale loads are dropped, neighbours come early, memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from medview.app.controllers.window.time_points import TimePoints
from medview.core.data.image2d import Image2D
from medview.core.data.intensity import Intensity
from medview.core.data.series import Series
from medview.core.data.source import SourceInfo
from medview.core.errors import InputError
from medview.core.scene.scene import OpenSource, Scene

TIMES = 20
FRAME_BYTES = 1000
INFO = SourceInfo("image", "US", times=TIMES)


def frame(time: int) -> Image2D:
    return Image2D(np.full((10, 100), time, np.uint8), None, replace(INFO, time=time))


@dataclass
class Work:
    """One load that was asked for; the test says when it ends."""

    done: Callable[[Any], None]
    failed: Callable[[Exception], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class Hand:
    """Stands for the background: nothing ends unless the test says so."""

    works: list[Work] = field(default_factory=list)

    def start(self, lane: str, work: object, *, done: Any, failed: Any) -> Work:
        self.works.append(Work(done, failed))
        return self.works[-1]


class Bench:
    """Time points on a clip of 20 frames, with the loads in the hand of the test."""

    def __init__(self, budget: int) -> None:
        self.hand, self.scene = Hand(), Scene()
        self.told: list[str] = []
        self.times = TimePoints(
            self.hand,  # type: ignore[arg-type]
            self,  # type: ignore[arg-type]
            self.scene,
            self,  # type: ignore[arg-type]
            budget_bytes=budget,
        )
        self.most_ready = 0
        series = Series("1", "image", "US", times=TIMES, intensity=Intensity.ARBITRARY)
        self.scene.add_source(OpenSource("1", series, None, frame(0)))
        self.scene.set_active("1")

    def entry(self, uid: str) -> str:
        return "entry"

    def failed(self, what: str, error: Exception) -> None:
        self.told.append(what)

    @property
    def loading(self) -> int | None:
        return self.times._loading.time if self.times._loading else None

    @property
    def shown(self) -> int:
        source = self.scene.active
        assert source is not None
        assert int(source.data.array[0, 0]) == source.time  # type: ignore[union-attr]
        return source.time

    def finish(self) -> None:
        assert self.loading is not None
        self.hand.works[-1].done(("entry", frame(self.loading)))
        self.most_ready = max(self.most_ready, len(self.times.state.ready))

    def finish_all(self) -> None:
        while self.loading is not None:
            self.finish()


@pytest.fixture
def bench() -> Bench:
    return Bench(budget=1 << 20)


def test_the_neighbours_of_the_time_shown_are_loaded_before_they_are_asked_for(
    bench: Bench,
) -> None:
    bench.finish_all()
    assert bench.times.state.ready == {0, 1}
    bench.times.go(1)
    assert bench.shown == 1
    bench.finish_all()
    assert bench.times.state.ready == {0, 1, 2}


def test_a_load_that_was_overtaken_is_dropped(bench: Bench) -> None:
    for time in (5, 9, 12):
        bench.times.go(time)
    assert bench.loading == 12
    assert [work.cancelled for work in bench.hand.works] == [True, True, True, False]
    assert bench.shown == 0
    assert not bench.times.is_settled
    bench.finish()
    assert bench.shown == 12
    assert bench.times.is_settled


def test_coming_back_to_what_is_shown_drops_the_load(bench: Bench) -> None:
    bench.finish_all()
    bench.times.go(10)
    bench.times.go(0)
    assert bench.hand.works[-1].cancelled or bench.loading in (None, 1)
    assert bench.times.is_settled
    assert bench.shown == 0


def test_memory_is_bounded_and_keeps_what_is_near() -> None:
    bench = Bench(budget=4 * FRAME_BYTES)
    bench.finish_all()
    for time in range(1, TIMES):
        bench.times.go(time)
        bench.finish_all()
    # What is on screen is kept beside the budget while the next time comes in.
    assert bench.most_ready <= 5
    assert {TIMES - 1, TIMES - 2} <= bench.times.state.ready


def test_playing_loads_further_ahead_and_over_the_end(bench: Bench) -> None:
    bench.times.go(18)
    bench.finish_all()
    bench.times.set_playing(True)
    bench.finish_all()
    assert {18, 19, 0, 1, 2, 3, 4, 5, 6} <= bench.times.state.ready
    bench.times.step(2, round_and_round=True)
    assert bench.shown == 0


def test_a_time_that_cannot_be_read_is_told_once_and_the_picture_stays(bench: Bench) -> None:
    bench.times.go(7)
    bench.hand.works[-1].failed(InputError("It is damaged."))
    assert bench.told == ["Opening time point 8"]
    assert bench.shown == 0
    assert bench.times.is_settled
    bench.times.go(7)
    assert bench.loading == 7


def test_a_neighbour_that_cannot_be_read_is_not_worth_a_word(bench: Bench) -> None:
    assert bench.loading == 1
    bench.hand.works[-1].failed(InputError("It is damaged."))
    assert bench.told == []
    assert bench.loading is None


def test_another_source_on_screen_drops_loads_and_memory(bench: Bench) -> None:
    bench.times.go(5)
    bench.scene.set_active(None)
    assert bench.hand.works[-1].cancelled
    assert bench.times.state.ready == frozenset()
    assert bench.times.state.count == 1
