"""A series whose slices cannot be trusted: read slice by slice, marked, and nothing more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from medview.app.wiring import Desk
from medview.core.data.stack import Stack
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms.grids import axial_grid
from medview.testing.phantoms.simple import ball_phantom
from tests.fake_models import GOOD_RUN, FakeSite


@pytest.fixture
def torn(tmp_path: Path) -> Path:
    """A CT of whose 20 slices eight in the middle are missing."""
    grid = axial_grid((20, 32, 32), (2.0, 2.0, 2.0), (0.0, 0.0, 0.0))
    folder = tmp_path / "torn"
    paths = write_dicom_series(ball_phantom(grid), folder, header=SeriesHeader(seed="torn"))
    for path in paths[6:14]:
        path.unlink()
    return folder


@pytest.fixture
def reading(make_desk: Callable[[], Desk], site: FakeSite, qtbot: QtBot, torn: Path) -> Desk:
    site.add(GOOD_RUN)
    desk = make_desk()
    desk.start([torn])
    qtbot.waitUntil(lambda: desk.session.scene.active is not None, timeout=20_000)
    return desk


def picture(desk: Desk) -> NDArray[np.int64]:
    """What "Save picture" writes, as (rows, columns, RGB)."""
    image = desk.window.viewer.grab_views().toImage().convertToFormat(QImage.Format.Format_RGB888)
    raw = np.frombuffer(image.constBits(), np.uint8)
    rows = raw.reshape(image.height(), image.bytesPerLine())[:, : 3 * image.width()]
    return rows.reshape(image.height(), image.width(), 3).astype(np.int64)


def test_every_slice_that_is_there_can_be_read(reading: Desk) -> None:
    source = reading.session.scene.active
    assert source is not None
    assert isinstance(source.data, Stack)
    assert len(source.data.slices) == 12


def test_no_plane_and_no_3d_is_drawn_of_it(reading: Desk) -> None:
    viewer = reading.window.viewer
    assert viewer.image.isVisible()
    assert not any(pane.isVisible() for pane in viewer.panes.values())
    assert all(not reading.session.scene.layers_of(s.id) for s in reading.session.scene.sources)


def test_the_reason_and_the_doubt_stand_on_the_view(reading: Desk) -> None:
    source = reading.session.scene.active
    assert source is not None
    (why,) = source.series.warnings
    assert why.code == "slice-gap"
    assert why.message in reading.window.viewer.image._caption
    told = {(mark.text, mark.tone) for mark in reading.window.viewer.image._marks}
    assert ("Geometry not trusted", "red") in told


def test_the_reason_is_not_cut_off_at_the_edge(reading: Desk) -> None:
    pane = reading.window.viewer.image
    lines = pane._caption.splitlines()
    assert max(pane.fontMetrics().horizontalAdvance(line) for line in lines) > pane.width()
    whole = picture(reading)
    pane.set_caption(pane._caption.replace("so the series is no volume.", ""))
    assert (whole != picture(reading)).any()


def test_no_model_takes_it_and_each_says_why(reading: Desk, qtbot: QtBot) -> None:
    cards = reading.window.models.cards
    qtbot.waitUntil(
        lambda: "bright" in cards and "gap of 18.00 mm" in cards["bright"]._verdict.text(),
        timeout=10_000,
    )
    assert not cards["bright"].run_button.isEnabled()


def test_a_saved_picture_shows_the_doubt(reading: Desk) -> None:
    before = picture(reading)
    pane = reading.window.viewer.image
    pane.set_caption("")
    pane.set_marks(())
    bare = picture(reading)
    differs = (before != bare).any(axis=-1)
    assert differs.sum() > 1000
    red = (before[..., 0] > 150) & (before[..., 1] < 110) & differs
    assert red.sum() > 100
    # Words, not a change of the slice itself: the lower half stays as it is.
    assert not differs[differs.shape[0] * 2 // 3 :].any()
