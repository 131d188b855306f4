"""Folders are remembered in the index, and forgotten at the reader's wish."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from medview.app.wiring import Desk
from medview.config.paths import find_folders
from medview.io import scan as scanning
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
    qtbot.waitUntil(lambda: any("remembered" in text for text in toast_texts(desk)), timeout=10_000)
    assert remembered() == 0
    assert sorted(ball_series.iterdir()) == files
    assert len(desk.library.studies) == 1


def test_an_index_that_cannot_be_used_keeps_nothing_from_opening(
    desk: Desk, qtbot: QtBot, ball_series: Path
) -> None:
    folder = find_folders().index
    folder.parent.mkdir(parents=True, exist_ok=True)
    (folder / "index.sqlite").mkdir(parents=True)
    opened(desk, qtbot, ball_series)
    assert len(desk.library.studies) == 1
