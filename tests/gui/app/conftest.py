"""A whole window with everything behind it, on phantoms and small models."""

from __future__ import annotations

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
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms.simple import ball_phantom
from medview.view.theme import apply_theme, load_theme
from tests.fake_models import FakeSite, fake_site

FAKE_DISTRIBUTION = "fake-bright"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FakeSite]:
    """Where the models of a test are installed."""
    yield from fake_site(tmp_path)


@pytest.fixture
def make_desk(qapp: QApplication, qtbot: QtBot, site: FakeSite) -> Iterator[Callable[[], Desk]]:
    """Opens windows, and closes them in order when the test ends."""
    apply_theme(qapp, load_theme("dark"))
    keep_turns_short()
    desks: list[Desk] = []

    def make() -> Desk:
        catalogue = open_catalogue(
            {}, allow=frozenset({FAKE_DISTRIBUTION}), installed=site.installed
        )
        desk = Desk(Surroundings(find_folders(), Settings(), catalogue, Redactor()))
        desks.append(desk)
        desk.window.resize(1200, 800)
        with qtbot.waitExposed(desk.window):
            desk.window.show()
        return desk

    yield make
    for desk in desks:
        close(desk)
    desks.clear()
    qapp.setStyleSheet("")


@pytest.fixture
def desk(make_desk: Callable[[], Desk]) -> Desk:
    """One window without models."""
    return make_desk()


@pytest.fixture(scope="session")
def ball_series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CT series of a bright ball, written as DICOM."""
    folder = tmp_path_factory.mktemp("ball")
    header = SeriesHeader(
        seed="ball", patient_name="Ball^Phantom", series_description="Ball", series_number=4
    )
    write_dicom_series(ball_phantom(), folder, header=header)
    return folder


def close(desk: Desk) -> tuple[str, ...]:
    """Close a window as the program does when it ends."""
    desk.window.close()
    left = desk.close()
    desk.window.deleteLater()
    return left


def toast_texts(desk: Desk) -> list[str]:
    """What the toasts on screen say, oldest first."""
    return [toast.text.text() for toast in desk.window.toasts.toasts()]
