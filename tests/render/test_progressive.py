"""Bands stay short, whatever the picture before them cost."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from medview.render import progressive
from medview.render.progressive import Progressive

HEIGHT, WIDTH = 400, 30


class Clock:
    """Time that goes on with what is drawn: `cost_s` for each fine row."""

    def __init__(self) -> None:
        self.now = 0.0
        self.cost_s = 0.0
        self.bands: list[int] = []

    def draw(self, coarse: bool, first: int, end: int) -> NDArray[np.uint8]:
        if not coarse:
            self.bands.append(end - first)
            self.now += self.cost_s * (end - first)
        return np.zeros((end - first, WIDTH, 3), np.uint8)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(progressive, "perf_counter", lambda: made.now)
    return made


def finish(picture: Progressive) -> None:
    picture.invalidate()
    picture.step(WIDTH, HEIGHT, refine=True)
    while not picture.is_complete:
        picture.step(WIDTH, HEIGHT, refine=True)


def test_an_empty_picture_does_not_make_the_next_one_one_long_band(clock: Clock) -> None:
    picture = Progressive(clock.draw)
    finish(picture)
    clock.bands.clear()
    clock.cost_s = 0.001
    finish(picture)
    assert sum(clock.bands) == HEIGHT
    # A twelfth of the picture to begin with, then 50 ms each.
    assert max(clock.bands) * clock.cost_s <= 0.055


def test_a_quick_picture_is_whole_after_a_few_bands(clock: Clock) -> None:
    picture = Progressive(clock.draw)
    clock.cost_s = 1e-6
    finish(picture)
    assert len(clock.bands) <= 4
