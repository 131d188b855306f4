"""A scan whose files ask for dark where values are large is drawn so, and its values stay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medview.app.controllers.window.thumbnails import thumbnail
from medview.app.wiring import Desk
from medview.core.data.intensity import Window
from medview.core.data.stack import Stack
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms.grids import axial_grid
from medview.testing.phantoms.simple import ball_phantom
from tests.gui.app.acts import open_and_wait


@pytest.fixture
def inverse(tmp_path: Path) -> tuple[Path, ...]:
    """A CT in MONOCHROME1, slice by slice."""
    grid = axial_grid((20, 32, 32), (2.0, 2.0, 2.0), (0.0, 0.0, 0.0))
    header = SeriesHeader(seed="inverse")
    paths = write_dicom_series(ball_phantom(grid), tmp_path / "inverse", header=header)
    for path in paths:
        dataset = pydicom.dcmread(path)
        dataset.PhotometricInterpretation = "MONOCHROME1"
        dataset.save_as(path)
    return paths


def test_a_volume_opens_inverted_and_reset_goes_back_to_that(
    make_desk: Callable[[], Desk], qtbot: QtBot, inverse: tuple[Path, ...]
) -> None:
    desk = make_desk()
    desk.start([])
    volume = open_and_wait(desk, qtbot, inverse[0].parent)
    planes = desk.session.planes.values()
    assert all(plane.state.inverted for plane in planes)
    assert volume.array[10, 16, 16] > volume.array[10, 0, 0]
    desk.window.commands.action("view.invert").trigger()
    assert not any(plane.state.inverted for plane in planes)
    QTest.keyClick(desk.window, Qt.Key.Key_Escape)
    assert all(plane.state.inverted for plane in planes)


def test_a_stack_opens_inverted(
    make_desk: Callable[[], Desk], qtbot: QtBot, inverse: tuple[Path, ...]
) -> None:
    for path in inverse[6:14]:
        path.unlink()
    desk = make_desk()
    desk.start([inverse[0].parent])
    qtbot.waitUntil(lambda: desk.session.scene.active is not None, timeout=20_000)
    source = desk.session.scene.active
    assert source is not None
    assert isinstance(source.data, Stack)
    image = desk.window.viewer.image.grab().toImage()
    ratio = image.devicePixelRatio()
    middle = image.pixelColor(round(image.width() / 2), round(image.height() / 2)).value()
    beside = image.pixelColor(
        round(image.width() / 2 - 0.4 * image.height()), round(image.height() / 2 + 40 * ratio)
    ).value()
    assert middle < beside - 50


def test_its_small_picture_is_inverted_too(inverse: tuple[Path, ...]) -> None:
    pixels = pydicom.dcmread(inverse[10]).pixel_array
    window = Window(float(pixels.max() - pixels.min()), float(pixels.max() + pixels.min()) / 2)
    small = thumbnail(pixels, window, inverted=True)
    assert small[small.shape[0] // 2, small.shape[1] // 2].max() < small[0, 0].min()
