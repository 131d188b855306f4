"""A series whose files have changed is not shown as it was without a word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from medview.app.wiring import Desk
from medview.core.data.volume import Volume
from medview.core.scene.scene import OpenSource
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms.simple import ball_phantom
from tests.fake_models import GOOD_RUN, FakeSite
from tests.gui.app.acts import layers, open_and_wait, run_and_wait
from tests.gui.app.conftest import toast_texts

HEADER = SeriesHeader(seed="fresh")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_dicom_series(ball_phantom(inside=100.0), tmp_path / "ct", header=HEADER)
    return tmp_path / "ct"


def rest(desk: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desk.background.is_idle, timeout=20_000)


def change(folder: Path) -> None:
    write_dicom_series(ball_phantom(inside=700.0), folder, header=HEADER)


def shown(desk: Desk) -> OpenSource | None:
    return desk.session.scene.active


def brightest(desk: Desk) -> int:
    source = shown(desk)
    if source is None:
        return -9999
    assert isinstance(source.data, Volume)
    return int(np.max(source.data.array))


def test_a_changed_series_is_read_again(desk: Desk, qtbot: QtBot, folder: Path) -> None:
    open_and_wait(desk, qtbot, folder)
    rest(desk, qtbot)
    assert brightest(desk) == 100
    change(folder)
    desk.opener.open([folder])
    qtbot.waitUntil(lambda: brightest(desk) == 700, timeout=20_000)


def test_an_unchanged_series_stays_the_same_object(desk: Desk, qtbot: QtBot, folder: Path) -> None:
    open_and_wait(desk, qtbot, folder)
    rest(desk, qtbot)
    before = shown(desk)
    desk.opener.open([folder])
    rest(desk, qtbot)
    qtbot.wait(100)
    assert shown(desk) is before


def test_results_are_not_thrown_away_unasked(
    make_desk: Callable[[], Desk], site: FakeSite, qtbot: QtBot, folder: Path
) -> None:
    site.add(GOOD_RUN)
    desk = make_desk()
    desk.start([])
    open_and_wait(desk, qtbot, folder)
    run_and_wait(desk, qtbot, "bright")
    rest(desk, qtbot)
    change(folder)
    desk.opener.open([folder])
    qtbot.waitUntil(
        lambda: any("have changed" in text for text in toast_texts(desk)), timeout=20_000
    )
    assert brightest(desk) == 100
    assert len(layers(desk)) == 1
    desk.window.toasts.toasts()[-1]._on_action()
    qtbot.waitUntil(lambda: brightest(desk) == 700, timeout=20_000)
    assert layers(desk) == ()
