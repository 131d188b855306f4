"""A model of slides runs in a process of its own; the application reads the regions for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from medview.core.data.intensity import Intensity
from medview.core.data.series import SlideLevel
from medview.core.data.source import SourceInfo
from medview.core.errors import InputError, ModelError, WeightsError
from medview.host.call import run_model
from tests.fake_models import PlainContext
from tests.unit.worker.conftest import hook, told_by

LEVELS = (SlideLevel(800, 600, 1.0), SlideLevel(200, 150, 4.0))
HEAD = "CARD['input'] = InputSpec('slide'); CARD['produces'] = ('tile_scores', 'measurements')\n"


def pixels(level: int, x: Any, y: Any) -> Any:
    """Colours that differ from place to place and from level to level."""
    return (7 * x + 13 * y + 101 * level) % 256


@dataclass(frozen=True)
class Ramp:
    """A slide of which each pixel tells its place."""

    levels: tuple[SlideLevel, ...] = LEVELS
    mpp: tuple[float, float] | None = (0.5, 0.5)
    info: SourceInfo = field(
        default_factory=lambda: SourceInfo(
            "slide", "SM", Intensity.RGB, levels=LEVELS, mpp=(0.5, 0.5)
        )
    )
    read: list[tuple[int, ...]] = field(default_factory=list)

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> Any:
        self.read.append((level, x, y, width, height))
        if x == 666:
            raise OSError("at /home/someone/slide.svs")
        if x == 667:
            raise InputError("This tile is damaged.", code="damaged")
        if x == 668:
            raise RuntimeError("of a decoder at /home/someone")
        if x == 669:
            raise KeyError("tile")
        xs, ys = np.meshgrid(np.arange(x, x + width), np.arange(y, y + height))
        return np.repeat(pixels(level, xs, ys)[..., None], 3, axis=2).astype(np.uint8)


def test_tiles_are_read_through_the_application_and_scored(model):
    body = """
tiles = [(x, y) for y in range(0, 600, 200) for x in range(0, 800, 200)]
scores = []
for n, (x, y) in enumerate(tiles):
    ctx.progress(n / len(tiles))
    region = source.read_region(0, x, y, 200, 200)
    assert region.shape == (200, 200, 3) and region.dtype == np.uint8
    scores.append([float(region[3, 5, 0]) / 255])
return Findings(TileScores("t", np.array(tiles), 200, 0, source.mpp[0],
                           np.ones(len(tiles)), np.array(scores), ("score",)))
"""
    slide = Ramp()
    handle = model(HEAD + hook(body))
    findings: Any = run_model(handle, slide, None, PlainContext())
    (tiles,) = findings.items
    assert len(slide.read) == 12
    places = tiles.origin_px
    expected = [[pixels(0, x + 5, y + 3) / 255] for x, y in places]
    assert np.allclose(tiles.scores, expected)


def test_its_levels_and_scale_are_known_there(model):
    body = """
level = source.levels[1]
text = f"{len(source.levels)} {level.width}x{level.height} {level.downsample} {source.mpp}"
return Findings(Measurements("m", (Quantity("text", text),)))
"""
    assert told_by(model(HEAD + hook(body)), Ramp()) == "2 200x150 4.0 (0.5, 0.5)"


def test_regions_are_read_from_several_threads(model):
    body = """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool:
    means = list(pool.map(lambda n: source.read_region(1, n, 0, 1, 1)[0, 0, 0], range(40)))
return Findings(Measurements("m", (Quantity("text", repr([int(m) for m in means])),)))
"""
    told = told_by(model(HEAD + hook(body)), Ramp())
    assert told == repr([pixels(1, n, 0) for n in range(40)])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("0, 666, 0, 8, 8", "cannot be read"),
        ("0, 667, 0, 8, 8", "tile is damaged"),
        ("0, 668, 0, 8, 8", "cannot be read"),
        ("0, 669, 0, 8, 8", "cannot be read"),
        ("2, 0, 0, 8, 8", "no such region"),
        ("0, 0, 0, 0, 8", "no such region"),
        ("0, 0, 0, 10**6, 10**6", "read it in parts"),
    ],
)
def test_a_region_that_is_not_to_be_had_raises_there_and_the_worker_lives(model, asked, said):
    body = f"""
try:
    source.read_region({asked})
except Exception as error:
    text = f"{{type(error).__name__}}: {{error}}"
source.read_region(0, 0, 0, 4, 4)
return Findings(Measurements("m", (Quantity("text", text),)))
"""
    told = told_by(model(HEAD + hook(body)), Ramp())
    assert told.startswith("InputError")
    assert said in told
    assert "/home" not in told


def test_weights_that_cannot_be_read_are_not_told_as_a_region(model):
    class Broken(PlainContext):
        def weights(self, name):
            raise OSError("at /home/someone")

    with pytest.raises(WeightsError, match="weights cannot be read"):
        run_model(model(HEAD + hook("ctx.weights('net.bin')")), Ramp(), None, Broken())


def test_a_volume_has_no_regions_to_ask_for(model, sagittal_ct):
    body = """
answer = ctx.ask({"say": "region", "region": [0, 0, 0, 1, 1]})
raise ValueError(answer["message"])
"""
    with pytest.raises(ModelError, match="no such region"):
        run_model(model(hook(body)), sagittal_ct, None, PlainContext())


def test_an_answer_to_a_cancelled_run_is_not_taken_for_one_of_the_next(
    model, sagittal_ct, runner, tmp_path
):
    import threading

    from medview.app.controllers.run_model import submit_run
    from medview.core.progress import Cancelled

    asks = "ctx._tell({'say': 'weights', 'name': 'a', 'number': 0})"
    body = f"""
import time
if params.slow:
    ctx.progress(0.1, "Going")
    while not ctx.is_cancelled:
        time.sleep(0.01)
    {asks}
    time.sleep(0.2)
    ctx.progress(0.2)
try:
    ctx.weights("b")
except Exception as error:
    text = str(error)
return Findings(Measurements("m", (Quantity("text", text),)))
"""
    handle = model(
        "@dataclass(frozen=True)\nclass Params:\n    slow: bool = param(False)\n" + hook(body)
    )
    handle.ensure_ready()
    going = threading.Event()
    job = submit_run(
        runner, handle, sagittal_ct, weights_folder=tmp_path, values={"slow": True},
        on_event=lambda event: going.set() if event.text == "Going" else None,
    )  # fmt: skip
    assert going.wait(20)
    job.cancel()
    with pytest.raises(Cancelled):
        job.future.result(10)
    after = submit_run(runner, handle, sagittal_ct, weights_folder=tmp_path)
    told: Any = after.future.result(20)
    assert "declares no weights" in str(told.items[0].items[0].value)
