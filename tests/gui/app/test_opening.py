"""From a folder to pictures in the views, and what is said where there is nothing to see."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medview.app.session import PLANES
from medview.app.wiring import Desk
from medview.core.data.volume import Volume
from medview.testing.phantoms.moving import write_moving_ball
from tests.gui.app.acts import open_and_wait
from tests.gui.app.conftest import toast_texts


def test_a_folder_opens_on_the_middle_slices_with_a_picture_in_every_plane(
    desk: Desk, qtbot: QtBot, ball_series: Path
) -> None:
    volume = open_and_wait(desk, qtbot, ball_series)
    assert not desk.window.viewer.is_empty
    for plane in PLANES:
        index, count = desk.navigator.position(plane)
        assert abs(index - (count - 1) / 2) <= 0.5
        frame = desk.views.slices[plane].frame()
        assert np.unique(frame).size > 10
    assert volume.info.modality == "CT"


def test_the_series_is_listed_with_its_study_and_marked_as_open(
    desk: Desk, qtbot: QtBot, ball_series: Path
) -> None:
    open_and_wait(desk, qtbot, ball_series)
    [study] = desk.library.studies
    assert [series.description for series in study.series] == ["Ball"]
    assert desk.loader.wanted == study.series[0].uid
    tree = desk.window.studies.tree
    assert tree.rowCount() == 1


def test_no_name_of_a_person_stands_in_the_title_or_the_corners(
    desk: Desk, qtbot: QtBot, ball_series: Path
) -> None:
    open_and_wait(desk, qtbot, ball_series)
    assert "Ball^Phantom" not in desk.window.windowTitle()
    with_name = desk.views.slices["axial"].frame()
    desk.viewer.set_identifiers(True)
    assert not np.array_equal(desk.views.slices["axial"].frame(), with_name)


def test_dropping_a_folder_opens_it(desk: Desk, qtbot: QtBot, ball_series: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(ball_series))])
    place, action = QPoint(300, 300), Qt.DropAction.CopyAction
    held, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(desk.window, QDragEnterEvent(place, action, data, held, keys))
    QApplication.sendEvent(desk.window, QDropEvent(QPointF(place), action, data, held, keys))
    qtbot.waitUntil(lambda: desk.session.scene.active is not None, timeout=20_000)


def test_what_was_opened_is_offered_again(desk: Desk, qtbot: QtBot, ball_series: Path) -> None:
    open_and_wait(desk, qtbot, ball_series)
    assert [row.id for row in desk.preferences.recent_rows()] == [str(ball_series.absolute())]


def test_opening_the_same_folder_again_lists_nothing_twice(
    desk: Desk, qtbot: QtBot, ball_series: Path
) -> None:
    open_and_wait(desk, qtbot, ball_series)
    desk.opener.open([ball_series])
    qtbot.waitUntil(lambda: desk.background.is_idle and not desk.activity.rows, timeout=20_000)
    [study] = desk.library.studies
    assert len(study.series) == 1
    assert len(desk.session.scene.sources) == 1


def empty_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def text_file(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_text("Nothing to see here.")
    return path


def missing(tmp_path: Path) -> Path:
    return tmp_path / "gone"


@pytest.mark.parametrize("make", [empty_folder, text_file, missing])
def test_wrong_input_gives_one_sentence_that_names_it(
    desk: Desk, qtbot: QtBot, tmp_path: Path, make: object
) -> None:
    path: Path = make(tmp_path)  # type: ignore[operator]
    desk.opener.open([path])
    qtbot.waitUntil(lambda: bool(toast_texts(desk)), timeout=20_000)
    [text] = toast_texts(desk)
    assert path.name in text
    assert str(path.parent) not in text
    assert text.endswith(".")
    assert desk.window.viewer.is_empty
    assert desk.preferences.recent_rows() == ()


def test_closing_everything_brings_the_empty_window_back(
    desk: Desk, qtbot: QtBot, ball_series: Path
) -> None:
    open_and_wait(desk, qtbot, ball_series)
    desk.window.commands.action("file.close").trigger()
    assert desk.window.viewer.is_empty
    assert desk.library.studies == ()
    assert desk.session.scene.sources == ()


def test_the_first_slice_is_shown_alone_until_the_series_is_whole(
    desk: Desk, qtbot: QtBot, ball_series: Path
) -> None:
    volume = open_and_wait(desk, qtbot, ball_series)
    source = desk.session.scene.active
    assert source is not None
    desk.loader._preview(source.series, volume.array[20], 20)
    # No act may reach a series while the picture shows another.
    assert desk.session.scene.active is None
    assert np.unique(desk.views.slices["axial"].frame()).size > 10
    z = desk.session.planes["axial"].state.focus_lps_mm[2]
    assert z == pytest.approx(volume.grid.to_lps((20, 0, 0))[2])
    # Slice 21 from the foot is the 20th of 40 in reading order, and the view says so.
    assert desk.views.slices["axial"]._caption.place == ("im 20/40", f"z {z:.1f} mm")
    desk.loader.cancel()
    assert desk.session.scene.active is source
    assert desk.navigator.position("axial")[1] == volume.grid.shape[0]


def preview(desk: Desk, volume: Volume) -> None:
    """Show slice 10 of the open series as if the whole were still being read."""
    [source] = desk.session.scene.sources
    desk.loader._preview(source.series, volume.array[10], 10)


def test_closing_everything_takes_a_first_slice_off_the_screen_too(
    desk: Desk, qtbot: QtBot, ball_series: Path
) -> None:
    preview(desk, open_and_wait(desk, qtbot, ball_series))
    assert not desk.window.viewer.is_empty
    desk.window.commands.action("file.close").trigger()
    assert desk.window.viewer.is_empty
    assert desk.session.scene.sources == ()


def test_closing_everything_while_times_are_read_leaves_no_bar_for_them(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    write_moving_ball(tmp_path, 3)
    preview(desk, open_and_wait(desk, qtbot, tmp_path))
    assert desk.window.viewer.times.isVisible()
    desk.loader.close_all()
    assert not desk.window.viewer.times.isVisible()


def test_a_loading_that_follows_another_one_goes_back_to_what_was_read_before_both(
    desk: Desk, qtbot: QtBot, ball_series: Path
) -> None:
    volume = open_and_wait(desk, qtbot, ball_series)
    [source] = desk.session.scene.sources
    preview(desk, volume)
    preview(desk, volume)
    desk.loader.cancel()
    assert desk.session.scene.active is source


def test_choosing_what_cannot_be_shown_stops_no_loading(
    desk: Desk, qtbot: QtBot, ball_series: Path
) -> None:
    desk.opener.open([ball_series])
    qtbot.waitUntil(lambda: desk.loader.wanted is not None, timeout=20_000)
    wanted = desk.loader.wanted
    desk.loader.show("2.25.404")
    assert toast_texts(desk)
    assert desk.loader.wanted == wanted
    qtbot.waitUntil(lambda: desk.session.scene.active is not None, timeout=20_000)
