"""A volume file that does not say what its values mean: one question, models follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from medview.app.controllers.window.meaning import may_be_hounsfield
from medview.app.wiring import Desk
from medview.core.data.intensity import Intensity
from medview.core.data.series import Series
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.scene.scene import OpenSource
from medview.testing.phantoms.simple import ball_phantom
from medview.view.dialogs.series_question import SeriesQuestion
from tests.fake_models import GOOD_RUN, FakeSite


def nameless_ball() -> Volume:
    ball = ball_phantom()
    return Volume(ball.array, ball.grid, SourceInfo("volume", None, Intensity.ARBITRARY))


@pytest.fixture
def asked(make_desk: Callable[[], Desk], site: FakeSite) -> Desk:
    site.add(
        GOOD_RUN.replace(
            "@dataclass",
            "CARD['input'] = InputSpec('volume', "
            "modalities=('CT',), intensity=Intensity.HOUNSFIELD)\n@dataclass",
            1,
        )
    )
    desk = make_desk()
    desk.start([])
    volume = nameless_ball()
    series = Series("file:1", "volume", grid=volume.grid, shape=volume.grid.shape)
    desk.session.scene.add_source(OpenSource("file:1", series, None, volume))
    desk.session.scene.set_active("file:1")
    return desk


def question(desk: Desk) -> SeriesQuestion | None:
    return desk.window.viewer.findChild(SeriesQuestion)


def test_yes_makes_hounsfield_values_of_them_and_the_model_runs(asked: Desk, qtbot: QtBot) -> None:
    bar = question(asked)
    assert bar is not None
    bar.buttons["yes"].click()
    active = asked.session.scene.active
    assert active is not None
    assert active.data.info.intensity is Intensity.HOUNSFIELD
    cards = asked.window.models.cards
    qtbot.waitUntil(
        lambda: "bright" in cards and cards["bright"].run_button.isEnabled(), timeout=10_000
    )


def test_no_is_remembered(asked: Desk, qtbot: QtBot) -> None:
    bar = question(asked)
    assert bar is not None
    bar.buttons["no"].click()
    asked.session.scene.set_active(None)
    asked.session.scene.set_active("file:1")
    qtbot.waitUntil(lambda: question(asked) is None)
    active = asked.session.scene.active
    assert active is not None
    assert active.data.info.intensity is Intensity.ARBITRARY


def test_a_volume_that_cannot_be_ct_is_not_asked_about() -> None:
    ball = nameless_ball()
    positive = replace(ball, array=ball.array.astype("int32") + 2000)
    assert may_be_hounsfield(ball)
    assert not may_be_hounsfield(positive)
    assert not may_be_hounsfield(ball_phantom())


def test_the_answer_holds_for_every_time_of_the_file(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    ball = ball_phantom().array.transpose(2, 1, 0)
    times = np.stack([ball, ball + 1, ball + 2], axis=-1).astype(np.int16)
    nib.save(nib.Nifti1Image(times, np.eye(4)), tmp_path / "a.nii.gz")
    desk.opener.open([tmp_path / "a.nii.gz"])
    qtbot.waitUntil(lambda: question(desk) is not None, timeout=20_000)

    def shown() -> OpenSource:
        source = desk.session.scene.active
        assert source is not None
        return source

    def is_shown(time: int) -> bool:
        return shown().time == time

    desk.time_display.go(1)
    qtbot.waitUntil(partial(is_shown, 1), timeout=20_000)
    bar = question(desk)
    assert bar is not None
    bar.buttons["yes"].click()
    # The answer leaves the reader at the time at which it was given.
    assert shown().time == 1
    for time in (1, 2, 0):
        desk.time_display.go(time)
        qtbot.waitUntil(partial(is_shown, time), timeout=20_000)
        data = shown().data
        assert isinstance(data, Volume)
        assert data.intensity is Intensity.HOUNSFIELD
        assert int(data.array.max()) == int(ball.max()) + time
