"""Time points in the whole window: the right pixels, the right results, and nothing else moves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medview.app.session import PLANES
from medview.app.wiring import Desk
from medview.core.data.intensity import Window
from medview.core.data.volume import Volume
from medview.core.findings.labelmap import LabelMap
from medview.core.scene.layer import Layer
from medview.core.scene.layout import Layout
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms.moving import centre_at, moving_grid, write_moving_ball
from tests.fake_models import GOOD_RUN, FakeSite
from tests.gui.app.acts import layers, open_and_wait, run_and_wait
from tests.gui.view.events import drag, move

TIMES = 6
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="session")
def moving_series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ball that moves 12 mm to the Left at each of six times."""
    folder = tmp_path_factory.mktemp("moving")
    write_moving_ball(folder, TIMES)
    return folder


@pytest.fixture
def moving(desk: Desk, qtbot: QtBot, moving_series: Path) -> Desk:
    open_and_wait(desk, qtbot, moving_series)
    return desk


def shown_time(desk: Desk) -> int:
    source = desk.session.scene.active
    assert source is not None
    return source.time


def wait_for(desk: Desk, qtbot: QtBot, time: int) -> None:
    qtbot.waitUntil(lambda: shown_time(desk) == time, timeout=20_000)


def look_at_ball(desk: Desk, time: int) -> None:
    desk.navigator.put_cursor(centre_at(time))
    desk.navigator.set_flags(show_crosshair=False)


def pixel(desk: Desk, time: int) -> list[int]:
    """RGB in the axial view where the ball is at a time."""
    view = desk.views.slices["axial"]
    x, y = (int(v) for v in view.lps_to_display(centre_at(time)))
    return [int(v) for v in view.frame()[y, x]]


def is_red(rgb: list[int]) -> bool:
    return rgb[0] > rgb[1] + 30


def press(desk: Desk, key: str) -> None:
    QTest.keyClicks(desk.window, key)


def test_the_bar_is_there_only_where_there_is_more_than_one_time(
    desk: Desk, qtbot: QtBot, moving_series: Path, ball_series: Path
) -> None:
    bar = desk.window.viewer.times
    open_and_wait(desk, qtbot, ball_series)
    assert not bar.isVisible()
    desk.opener.open([moving_series])
    qtbot.waitUntil(bar.isVisible, timeout=20_000)
    assert bar.words.text() == "t 1/6"
    desk.loader.close_all()
    assert not bar.isVisible()


def test_the_views_stay_put_while_a_series_with_times_comes_in(moving: Desk, qtbot: QtBot) -> None:
    source = moving.session.scene.active
    assert source is not None
    assert isinstance(source.data, Volume)
    bar = moving.window.viewer.times
    size = moving.window.viewer.axial.size()
    moving.loader._preview(source.series, source.data.array[10], 10)
    assert bar.isVisible()
    assert not bar.isEnabled()
    assert moving.views.slices["axial"]._caption.bottom_right == ("t 1/6",)
    QTest.qWait(50)
    assert moving.window.viewer.axial.size() == size
    moving.loader.cancel()
    assert bar.isEnabled()


def test_a_toast_stays_clear_of_the_bar(moving: Desk) -> None:
    moving.notices.tell("A sentence.")
    bar, toasts = moving.window.viewer.times, moving.window.toasts
    assert not toasts.geometry().intersects(bar.geometry())


def test_a_saved_picture_shows_the_views_alone(moving: Desk) -> None:
    moving.notices.tell("A sentence.")
    viewer = moving.window.viewer
    picture = viewer.grab_views()
    ratio = picture.devicePixelRatio()
    assert picture.height() == round((viewer.height() - viewer.times.height()) * ratio)


def test_keys_step_through_time_and_stop_at_the_ends(moving: Desk, qtbot: QtBot) -> None:
    look_at_ball(moving, 0)
    for time in (1, 2):
        press(moving, ".")
        wait_for(moving, qtbot, time)
        assert min(pixel(moving, time)) > 240
        assert max(pixel(moving, time - 1)) < 80
    assert moving.window.viewer.times.words.text() == "t 3/6"
    assert moving.window.viewer.times.slider.value() == 2
    for time in (1, 0):
        press(moving, ",")
        wait_for(moving, qtbot, time)
    press(moving, ",")
    assert moving.times.is_settled
    assert shown_time(moving) == 0


def test_only_the_time_changes(moving: Desk, qtbot: QtBot) -> None:
    pane = moving.views.pane("axial")
    drag(pane, LEFT, QPoint(25, -12))
    drag(pane, Qt.MouseButton.RightButton, QPoint(0, 30))
    drag(moving.window.viewer.volume, LEFT, QPoint(40, 10))
    moving.window.viewer.set_layout(Layout.AXIAL)
    press(moving, "H")
    QTest.keyClick(moving.window, Qt.Key.Key_Down)
    planes = {plane: moving.session.planes[plane].state for plane in PLANES}
    volume, cursor = moving.session.volume.state, moving.session.cursor.state
    press(moving, ".")
    wait_for(moving, qtbot, 1)
    assert {plane: moving.session.planes[plane].state for plane in PLANES} == planes
    assert (moving.session.volume.state, moving.session.cursor.state) == (volume, cursor)
    assert moving.window.viewer.current_layout is Layout.AXIAL


def test_the_hand_on_the_slider_ends_on_the_time_under_it(moving: Desk, qtbot: QtBot) -> None:
    look_at_ball(moving, 0)
    slider = moving.window.viewer.times.slider
    places = [QPoint(round(slider.centre_of(t)), slider.height() // 2) for t in range(TIMES)]
    QTest.mousePress(slider, LEFT, pos=places[0])
    for place in (*places, *reversed(places), *places[:5]):
        move(slider, place, LEFT)
    QTest.mouseRelease(slider, LEFT, pos=places[4])
    wait_for(moving, qtbot, 4)
    qtbot.waitUntil(lambda: moving.background.is_idle, timeout=20_000)
    assert shown_time(moving) == 4
    assert min(pixel(moving, 4)) > 240
    for other in (0, 1, 2, 3, 5):
        assert max(pixel(moving, other)) < 80


def test_the_value_under_the_pointer_is_that_of_the_time_shown(moving: Desk, qtbot: QtBot) -> None:
    look_at_ball(moving, 2)
    pane, view = moving.views.pane("axial"), moving.views.slices["axial"]

    def read() -> str:
        ratio = pane.devicePixelRatioF()
        x, y = view.lps_to_display(centre_at(2))
        move(pane, QPoint(round(x / ratio), round(y / ratio)) + pane.host.pos())
        return moving.window._pointer.text()

    assert read().startswith("HU -1000")
    moving.time_display.go(2)
    wait_for(moving, qtbot, 2)
    assert read().startswith("HU 100")


def test_3d_follows_with_the_picture_the_results_and_the_caption_of_one_time(
    moving: Desk, qtbot: QtBot
) -> None:
    press(moving, ".")
    wait_for(moving, qtbot, 1)
    view = moving.views.volume
    qtbot.waitUntil(lambda: not moving.views.in_3d.is_holding, timeout=20_000)
    assert view._image is not None
    assert view._image.volume is moving.session.scene.active.data  # type: ignore[union-attr]
    assert view._caption.bottom_right == ("t 2/6",)


@pytest.fixture
def with_model(
    make_desk: Callable[[], Desk], site: FakeSite, qtbot: QtBot, moving_series: Path
) -> Desk:
    site.add(GOOD_RUN)
    desk = make_desk()
    desk.start([])
    open_and_wait(desk, qtbot, moving_series)
    look_at_ball(desk, 0)
    return desk


def run_at(desk: Desk, qtbot: QtBot, time: int) -> Layer:
    desk.time_display.go(time)
    wait_for(desk, qtbot, time)
    before = layers(desk)
    after = run_and_wait(desk, qtbot, "bright")
    return next(layer for layer in after if layer not in before)


def test_a_mask_lies_on_the_ball_of_the_time_it_was_made_from(
    with_model: Desk, qtbot: QtBot
) -> None:
    for time in (3, 1):
        layer = run_at(with_model, qtbot, time)
        assert layer.provenance is not None
        assert layer.provenance.source.time == time
        mask = layer.finding
        assert isinstance(mask, LabelMap)
        assert mask.grid is not None
        middle = mask.grid.to_lps(np.argwhere(mask.array).mean(axis=0))
        np.testing.assert_allclose(middle, centre_at(time), atol=0.7)


def test_a_result_is_drawn_on_its_own_time_and_on_no_other(with_model: Desk, qtbot: QtBot) -> None:
    layer = run_at(with_model, qtbot, 3)
    assert is_red(pixel(with_model, 3))
    [card] = with_model.window.findings.cards.values()
    assert card._elsewhere.text() == ""
    with_model.time_display.go(4)
    wait_for(with_model, qtbot, 4)
    assert not any(is_red(pixel(with_model, time)) for time in range(TIMES))
    [card] = with_model.window.findings.cards.values()
    assert card._elsewhere.text() == "Of t 4/6; not drawn at t 5/6"
    assert with_model.window.layers._cards[layer.id]._elsewhere.isVisibleTo(
        with_model.window.layers
    )
    with_model.time_display.go(3)
    wait_for(with_model, qtbot, 3)
    assert is_red(pixel(with_model, 3))


def test_a_result_that_comes_after_the_reader_went_on_is_not_drawn_there(
    with_model: Desk, qtbot: QtBot
) -> None:
    source = with_model.session.scene.active
    assert source is not None
    with_model.models.run("bright", {})
    with_model.time_display.go(1)
    wait_for(with_model, qtbot, 1)
    qtbot.waitUntil(lambda: len(layers(with_model)) == 1, timeout=20_000)
    [layer] = layers(with_model)
    assert layer.provenance is not None
    assert layer.provenance.source.time == 0
    assert not is_red(pixel(with_model, 0))
    assert not is_red(pixel(with_model, 1))
    # The toast leads back to where the result is.
    with_model.window.toasts.toasts()[-1]._on_action()
    wait_for(with_model, qtbot, 0)
    assert is_red(pixel(with_model, 0))


def test_jumping_to_a_structure_goes_to_its_time(with_model: Desk, qtbot: QtBot) -> None:
    layer = run_at(with_model, qtbot, 2)
    with_model.time_display.go(5)
    wait_for(with_model, qtbot, 5)
    with_model.layer_acts.jump_to_label(layer.id, 1)
    wait_for(with_model, qtbot, 2)
    place = with_model.session.cursor.state.position_lps_mm
    assert np.linalg.norm(np.subtract(place, centre_at(2))) < 8.0


def test_cine_plays_round_and_round_and_pauses(moving: Desk, qtbot: QtBot) -> None:
    seen: list[int] = []
    moving.session.scene.data_changed.connect(lambda source: seen.append(source.time))
    press(moving, "C")
    assert moving.window.commands.action("time.play").isChecked()
    qtbot.waitUntil(lambda: len(seen) >= TIMES + 1, timeout=20_000)
    press(moving, "C")
    assert seen[: TIMES + 1] == [1, 2, 3, 4, 5, 0, 1]
    assert not moving.window.commands.action("time.play").isChecked()
    count = len(seen)
    qtbot.wait(500)
    assert len(seen) == count


def test_a_hand_on_the_time_ends_cine(moving: Desk, qtbot: QtBot) -> None:
    press(moving, "C")
    qtbot.waitUntil(lambda: shown_time(moving) >= 1, timeout=20_000)
    press(moving, ",")
    assert not moving.cine.is_playing


def test_cine_goes_through_the_slices_where_nothing_moves(
    desk: Desk, qtbot: QtBot, ball_series: Path
) -> None:
    volume = open_and_wait(desk, qtbot, ball_series)
    assert isinstance(volume, Volume)
    desk.navigator.to_last("axial")
    bottom = desk.navigator.position("axial")
    seen: list[int] = []
    desk.navigator.slice_changed.connect(lambda plane, index, count: seen.append(index))
    press(desk, "C")
    qtbot.waitUntil(lambda: len(seen) >= 3, timeout=20_000)
    press(desk, "C")
    # Reading runs from head to foot: after the last slice comes the top one.
    assert seen[:3] == [bottom[1] - 1, bottom[1] - 2, bottom[1] - 3]


def test_another_series_and_back_comes_back_to_the_same_time(
    moving: Desk, qtbot: QtBot, ball_series: Path
) -> None:
    source = moving.session.scene.active
    assert source is not None
    moving.time_display.go(3)
    wait_for(moving, qtbot, 3)
    moving.opener.open([ball_series])
    qtbot.waitUntil(lambda: not moving.window.viewer.times.isVisible(), timeout=20_000)
    moving.loader.show(source.id)
    assert shown_time(moving) == 3
    assert moving.window.viewer.times.words.text() == "t 4/6"
    look_at_ball(moving, 3)
    assert min(pixel(moving, 3)) > 240


def test_escape_takes_back_the_window_that_the_series_began_with(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    grid = moving_grid()
    header = SeriesHeader(seed="brighter", modality="MR", intercept=0.0, window=None)
    rows = np.arange(grid.shape[1], dtype=np.int16)[None, :, None]
    for time in range(3):
        values = np.broadcast_to(rows * (10 + 100 * time), grid.shape).astype(np.int16)
        write_dicom_series(values, tmp_path / "mr", grid=grid, header=header, time=time)
    open_and_wait(desk, qtbot, tmp_path / "mr")
    first = desk.session.planes["axial"].state.window
    desk.time_display.go(2)
    wait_for(desk, qtbot, 2)
    desk.navigator.set_window(Window(1.0, 0.0))
    QTest.keyClick(desk.window, Qt.Key.Key_Escape)
    assert desk.session.planes["axial"].state.window == first
