"""Third-party models in the whole window: run, crash, flood and quit, with the window alive."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medview.app.controllers.models import open_catalogue
from medview.app.wiring import Desk, Surroundings
from medview.config.paths import find_folders
from medview.config.redact import Redactor
from medview.config.schema import Settings
from medview.core.findings.labelmap import LabelMap
from medview.view.theme import apply_theme, load_theme
from tests.fake_models import GOOD_RUN, FakeSite
from tests.gui.app.acts import layers, model_card, open_and_wait, run_and_wait
from tests.gui.app.conftest import close, toast_texts
from tests.gui.app.heartbeat import Heartbeat

CRASHING_RUN = """
@hookimpl
def run(source, params, ctx):
    for _ in range(20):
        print("x" * 1000000)
    import ctypes
    ctypes.string_at(0)
"""
ENDLESS_RUN = """
@hookimpl
def run(source, params, ctx):
    import ctypes
    ctx.progress(0.1, "Going")
    while True:
        ctypes.PyDLL(None).usleep(900000)
"""


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot, site: FakeSite, ball_series: Path):
    """Opens a window on the ball with third-party models that are not allowed in here."""
    apply_theme(qapp, load_theme("dark"))
    opened: list[Desk] = []

    def make(**models: str) -> Desk:
        for name, code in models.items():
            site.add(code, model=name, distribution=f"fake-{name}")
        folders = find_folders()
        catalogue = open_catalogue(
            {"MEDVIEW_HOME": str(folders.settings)}, installed=site.installed
        )
        desk = Desk(Surroundings(folders, Settings(), catalogue, Redactor()))
        opened.append(desk)
        with qtbot.waitExposed(desk.window):
            desk.window.show()
        desk.start([])
        open_and_wait(desk, qtbot, ball_series)
        return desk

    yield make
    for desk in opened:
        assert close(desk) == ()
    opened.clear()
    qapp.setStyleSheet("")
    deadline = time.monotonic() + 3
    while psutil.Process().children() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert psutil.Process().children() == []


def test_a_third_party_model_is_run_like_any_other(window, qtbot: QtBot) -> None:
    desk = window(bright=GOOD_RUN)
    [layer] = run_and_wait(desk, qtbot, "bright")
    assert isinstance(layer.finding, LabelMap)
    assert layer.finding.voxels(1) > 0
    assert not [name for name in sys.modules if name.startswith("fake_model_")]


def test_a_crash_is_told_and_the_next_model_runs(window, qtbot: QtBot) -> None:
    desk = window(crash=CRASHING_RUN, bright=GOOD_RUN)
    card = model_card(desk, qtbot, "crash")
    with Heartbeat() as heart:
        card.run_button.click()
        qtbot.waitUntil(lambda: any("memory fault" in t for t in toast_texts(desk)), timeout=20_000)
    assert heart.worst_s < 0.5
    assert layers(desk) == ()
    assert len(run_and_wait(desk, qtbot, "bright")) == 1


def test_quitting_ends_a_model_that_does_not_listen(window, qtbot: QtBot) -> None:
    desk = window(endless=ENDLESS_RUN)
    card = model_card(desk, qtbot, "endless")
    card.run_button.click()
    qtbot.waitUntil(lambda: bool(desk.runner.jobs), timeout=20_000)
    qtbot.wait(1500)
    assert psutil.Process().children()
