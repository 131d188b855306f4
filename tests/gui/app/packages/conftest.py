"""Windows that show the installed packages of the person whose folders a test has."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medview.app.bootstrap import keep_turns_short
from medview.app.controllers.models import open_catalogue
from medview.app.wiring import Desk, Surroundings
from medview.config.paths import find_folders
from medview.config.redact import Redactor
from medview.config.schema import Settings
from medview.host.packages.places import Places
from medview.host.packages.store import PackageStore
from medview.view.theme import apply_theme, load_theme
from tests.fake_models import FakeSite
from tests.gui.app.acts import open_and_wait
from tests.gui.app.conftest import close


@pytest.fixture
def store() -> PackageStore:
    return PackageStore(find_folders(os.environ).models)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made in this test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def opened(
    qapp: QApplication, qtbot: QtBot, site: FakeSite, scratch: Path
) -> Iterator[Callable[..., Desk]]:
    """Opens windows that show this person's packages, offline, and closes them in order."""
    apply_theme(qapp, load_theme("dark"))
    keep_turns_short()
    desks: list[Desk] = []

    def make(*paths: Path, environ: dict[str, str] | None = None, safe_mode: bool = False) -> Desk:
        catalogue = open_catalogue(
            {**os.environ, **(environ or {})}, installed=site.installed, safe_mode=safe_mode
        )
        desk = Desk(Surroundings(find_folders(), Settings(), catalogue, Redactor()))
        desk.packages.offering.find_places = Places
        desks.append(desk)
        desk.window.resize(1200, 900)
        with qtbot.waitExposed(desk.window):
            desk.window.show()
        desk.start([])
        if paths:
            open_and_wait(desk, qtbot, paths[0])
        return desk

    yield make
    for desk in desks:
        assert close(desk) == ()
    desks.clear()
    qapp.setStyleSheet("")
