"""Graphics of files in the whole window: over volumes, pictures and every time of a series."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from medview.app.controllers.overlays import layer_id_of
from medview.app.wiring import Desk
from medview.core.scene.layer import Layer
from medview.testing.dicom_overlay import add_overlay
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms.moving import moving_grid
from tests.gui.app.acts import layers, open_and_wait
from tests.gui.app.conftest import toast_texts

BLUE = (86, 180, 233)
ROWS, COLUMNS = slice(5, 15), slice(40, 60)
SLICE, TIMES = 12, 3


def block(shape: tuple[int, ...], time: int = 0) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[ROWS, COLUMNS] = True
    return np.roll(mask, 15 * time, axis=0)


@pytest.fixture
def graphics(tmp_path: Path) -> Path:
    """A black volume at three times; a rectangle on slice 12 goes down from time to time."""
    grid = moving_grid()
    header = SeriesHeader(seed="graphics", series_description="Graphics")
    for time in range(TIMES):
        paths = write_dicom_series(
            np.full(grid.shape, -2000, np.int16),
            tmp_path / "ct",
            grid=grid,
            header=header,
            time=time,
        )
        add_overlay(paths[SLICE], block(grid.shape[1:], time), label="Region")
    return tmp_path / "ct"


def overlay(desk: Desk, qtbot: QtBot, time: int = 0) -> Layer:
    """The overlay layer of a time, once it is there."""
    source = desk.session.scene.active
    assert source is not None
    name = layer_id_of(source.id)

    def is_there() -> bool:
        layer = desk.session.scene.layer(name)
        return layer is not None and layer.time == time

    qtbot.waitUntil(is_there, timeout=20_000)
    layer = desk.session.scene.layer(name)
    assert layer is not None
    return layer


def look(desk: Desk) -> None:
    desk.navigator.to_slice("axial", SLICE)
    desk.navigator.set_flags(show_crosshair=False, show_text=False)


def pixel(desk: Desk, row: int, column: int) -> tuple[int, ...]:
    view = desk.views.slices["axial"]
    x, y, z = moving_grid().to_lps((SLICE, row, column))
    at_x, at_y = (int(v) for v in view.lps_to_display((x, y, z)))
    return tuple(int(v) for v in view.frame()[at_y, at_x])


def test_graphics_lie_on_their_slice_and_follow_time(
    desk: Desk, qtbot: QtBot, graphics: Path
) -> None:
    open_and_wait(desk, qtbot, graphics)
    for time in range(TIMES):
        desk.time_display.go(time)
        overlay(desk, qtbot, time)
        look(desk)
        for other in range(TIMES):
            seen = pixel(desk, 10 + 15 * other, 50)
            assert seen == (BLUE if other == time else (0, 0, 0)), (time, other)
    desk.navigator.to_slice("axial", SLICE - 1)
    assert desk.views.slices["axial"].frame().max() == 0


def test_the_layers_panel_shows_hides_and_colours_it_and_offers_no_removal(
    desk: Desk, qtbot: QtBot, graphics: Path
) -> None:
    open_and_wait(desk, qtbot, graphics)
    layer = overlay(desk, qtbot)
    look(desk)
    desk.window._tabs.setCurrentIndex(1)
    [card] = desk.window.layers._cards.values()
    assert card._title.text() == "Region"
    assert "remove" not in [b.toolTip().lower()[:6] for b in visible_buttons(card)]
    card.colour.menu().actions()[1].trigger()
    assert pixel(desk, 10, 50) == (240, 228, 66)
    box = card.findChild(QCheckBox)
    assert box is not None
    box.click()
    assert not layer.state.visible
    assert pixel(desk, 10, 50) == (0, 0, 0)
    # What the reader chose holds for the next time, too.
    desk.time_display.go(1)
    assert not overlay(desk, qtbot, 1).state.visible


def visible_buttons(card: object) -> list:
    from PySide6.QtWidgets import QToolButton, QWidget

    assert isinstance(card, QWidget)
    return [b for b in card.findChildren(QToolButton) if b.isVisibleTo(card)]


def test_hiding_results_leaves_the_graphics_of_the_files(
    desk: Desk, qtbot: QtBot, graphics: Path
) -> None:
    open_and_wait(desk, qtbot, graphics)
    layer = overlay(desk, qtbot)
    QTest.keyClicks(desk.window, "G")
    assert layer.state.visible


def test_a_damaged_overlay_is_one_sentence_and_the_image_is_there(
    desk: Desk, qtbot: QtBot, graphics: Path
) -> None:
    import pydicom

    for path in sorted(graphics.iterdir()):
        dataset = pydicom.dcmread(path)
        if 0x60003000 in dataset:
            dataset[0x60003000].value = b"\1\0"
            dataset.save_as(path)
    open_and_wait(desk, qtbot, graphics)
    qtbot.waitUntil(lambda: bool(toast_texts(desk)), timeout=20_000)
    assert "overlay" in toast_texts(desk)[-1]
    assert layers(desk) == ()


def test_a_picture_shows_the_graphics_of_its_file(desk: Desk, qtbot: QtBot, data_dir: Path) -> None:
    import pydicom

    path = data_dir / "dicom_transfer_syntaxes" / "examples_overlay.dcm"
    mask = pydicom.dcmread(path).overlay_array(0x6000) > 0
    desk.opener.open([path])
    qtbot.waitUntil(lambda: desk.session.scene.active is not None, timeout=20_000)
    layer = overlay(desk, qtbot)
    with_graphics = shown_picture(desk)
    layer.update(visible=False)
    without = shown_picture(desk)
    np.testing.assert_array_equal((with_graphics != without).any(axis=2) & ~mask, False)
    assert (with_graphics[mask] == BLUE).all()


def shown_picture(desk: Desk) -> np.ndarray:
    pixels = desk.window.viewer.image._pixels
    assert pixels is not None, "the file was opened as a volume"
    return pixels.copy()
