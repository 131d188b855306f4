"""Folders are remembered in the index, and forgotten at the reader's wish."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from medview.app.wiring import Desk
from medview.config.paths import find_folders
from medview.io import scan as scanning
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms.simple import ball_phantom
from medview.view.models.study_tree import THUMBNAIL_ROLE
from tests.gui.app.conftest import toast_texts


def opened(desk: Desk, qtbot: QtBot, folder: Path) -> None:
    desk.opener.open([folder])
    qtbot.waitUntil(lambda: bool(desk.library.studies) and desk.background.is_idle, timeout=30_000)


def remembered() -> int:
    with closing(sqlite3.connect(find_folders().index / "index.sqlite")) as connection:
        return int(connection.execute("select count(*) from studies").fetchone()[0])


def test_a_folder_opened_again_is_not_read_again(
    desk: Desk, qtbot: QtBot, ball_series: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(desk, qtbot, ball_series)
    desk.library.clear()

    def no_reading(*_: object, **__: object) -> None:
        raise AssertionError("the folder was read again")

    monkeypatch.setattr(scanning, "scan", no_reading)
    monkeypatch.setattr("medview.io.index.scan", no_reading)
    opened(desk, qtbot, ball_series)
    assert len(desk.library.studies) == 1


@pytest.mark.parametrize("everything", [False, True])
def test_what_is_forgotten_leaves_no_row_and_the_images_stay(
    desk: Desk, qtbot: QtBot, ball_series: Path, everything: bool
) -> None:
    opened(desk, qtbot, ball_series)
    assert remembered() == 1
    files = sorted(ball_series.iterdir())
    panel = desk.window.studies
    if everything:
        panel.forget_all_requested.emit()
    else:
        panel.forget_requested.emit(desk.library.studies[0].uid)
    qtbot.waitUntil(lambda: any("remembered" in text for text in toast_texts(desk)), timeout=20_000)
    assert remembered() == 0
    assert sorted(ball_series.iterdir()) == files
    assert len(desk.library.studies) == 1


def pictures_on_disk() -> list[Path]:
    return sorted((find_folders().index / "thumbnails").rglob("*.png"))


def seen_picture(desk: Desk) -> np.ndarray | None:
    """The picture in the list as (rows, columns, 3)."""
    [study] = desk.library.studies
    tree = desk.window.studies.tree
    image = tree.data(tree.index_of(study.series[0].uid), THUMBNAIL_ROLE)
    if image is None:
        return None
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return flat[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def test_a_picture_is_made_once_and_comes_from_disk_the_next_time(
    make_desk: Callable[[], Desk],
    qtbot: QtBot,
    ball_series: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = make_desk()
    opened(first, qtbot, ball_series)
    qtbot.waitUntil(lambda: seen_picture(first) is not None, timeout=20_000)
    made = seen_picture(first)
    assert made is not None
    # The bright ball is in the middle, air in the corners.
    rows, columns, _ = made.shape
    assert made[rows // 2, columns // 2].min() > 200 > 100 > made[2, 2].max()
    [path] = pictures_on_disk()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    monkeypatch.setattr("medview.io.middle_slice.read_middle_slice", None)
    second = make_desk()
    opened(second, qtbot, ball_series)
    qtbot.waitUntil(lambda: seen_picture(second) is not None, timeout=20_000)
    np.testing.assert_array_equal(seen_picture(second), made)


def test_a_changed_series_gets_another_picture_when_it_is_opened_again(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "changing"
    header = SeriesHeader(seed="changing")
    write_dicom_series(ball_phantom(), folder, header=header)
    opened(desk, qtbot, folder)
    qtbot.waitUntil(lambda: seen_picture(desk) is not None, timeout=20_000)
    first = seen_picture(desk)
    assert first is not None
    middle = first.shape[0] // 2, first.shape[1] // 2
    assert first[middle].min() > 200
    write_dicom_series(ball_phantom(inside=-1000.0), folder, header=header)
    opened(desk, qtbot, folder)

    def is_dark() -> bool:
        seen = seen_picture(desk)
        return seen is not None and int(seen[middle].max()) < 100

    qtbot.waitUntil(is_dark, timeout=20_000)
    assert len(pictures_on_disk()) == 1


def test_forgetting_removes_the_pictures_too(desk: Desk, qtbot: QtBot, ball_series: Path) -> None:
    opened(desk, qtbot, ball_series)
    qtbot.waitUntil(lambda: len(pictures_on_disk()) == 1, timeout=20_000)
    desk.window.studies.forget_all_requested.emit()
    qtbot.waitUntil(lambda: any("remembered" in text for text in toast_texts(desk)), timeout=20_000)
    assert pictures_on_disk() == []


def test_an_index_that_cannot_be_used_keeps_nothing_from_opening(
    desk: Desk, qtbot: QtBot, ball_series: Path
) -> None:
    folder = find_folders().index
    folder.parent.mkdir(parents=True, exist_ok=True)
    (folder / "index.sqlite").mkdir(parents=True)
    opened(desk, qtbot, ball_series)
    assert len(desk.library.studies) == 1
