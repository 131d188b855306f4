"""Preferences hold at once, outlive the window, and leave alone what they do not show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from medview.app.controllers.window.choosing import as_values, with_values
from medview.app.wiring import Desk
from medview.config.paths import find_folders
from medview.config.schema import ReadingSettings, Settings
from medview.config.store import load_settings
from medview.jobs.job import Job
from medview.view.dialogs.preferences import PreferencesDialog, PreferenceValues
from medview.view.theme import load_theme
from tests.fake_models import GOOD_RUN, FakeSite
from tests.gui.app.acts import open_and_wait, run_and_wait
from tests.gui.view.events import drag

LEFT = Qt.MouseButton.LeftButton


def opened(desk: Desk, qtbot: QtBot) -> PreferencesDialog:
    desk.window.commands.action("edit.preferences").trigger()
    dialog = desk.choosing.dialog
    assert dialog is not None
    # Until it is the active window, keys still belong to the views behind it.
    qtbot.waitUntil(dialog.isActiveWindow, timeout=20_000)
    return dialog


def choose(box: QComboBox, value: str) -> None:
    """By keys, as a person does."""
    box.setFocus()
    target, step = box.findData(value), Qt.Key.Key_Down
    assert target >= 0
    if target < box.currentIndex():
        step = Qt.Key.Key_Up
    for _ in range(abs(target - box.currentIndex())):
        QTest.keyClick(box, step)
    assert box.currentData() == value


def written(desk: Desk, qtbot: QtBot) -> Settings:
    qtbot.waitUntil(lambda: desk.background.is_idle, timeout=20_000)
    return load_settings(find_folders().settings_file).settings


def test_the_theme_changes_at_once_and_is_kept(
    desk: Desk, qtbot: QtBot, qapp: QApplication
) -> None:
    dialog = opened(desk, qtbot)
    choose(dialog.theme, "light")
    assert qapp.palette().window().color().name() == load_theme("light").window
    assert written(desk, qtbot).window.theme == "light"
    choose(dialog.theme, "dark")
    assert qapp.palette().window().color().name() == load_theme("dark").window


def test_the_left_button_follows_the_choice(desk: Desk, qtbot: QtBot, ball_series: Path) -> None:
    open_and_wait(desk, qtbot, ball_series)
    window, before = desk.session.planes["axial"].state.window, desk.navigator.position("axial")
    choose(opened(desk, qtbot).left_button, "scroll-left")
    drag(desk.views.pane("axial"), LEFT, QPoint(0, 40))
    assert desk.session.planes["axial"].state.window == window
    assert desk.navigator.position("axial") != before
    assert desk.window.commands.action("tool.scroll").isChecked()
    assert written(desk, qtbot).reading.mouse_profile == "scroll-left"


def test_naming_the_patient_is_one_setting_in_the_dialog_and_the_menu(
    desk: Desk, qtbot: QtBot, ball_series: Path
) -> None:
    open_and_wait(desk, qtbot, ball_series)
    dialog = opened(desk, qtbot)
    QTest.mouseClick(dialog.identifiers, LEFT, pos=QPoint(8, dialog.identifiers.height() // 2))
    assert "Ball^Phantom" in desk.views.slices["axial"]._caption.top_left
    assert desk.window.commands.action("view.identifiers").isChecked()
    desk.window.commands.action("view.identifiers").trigger()
    assert desk.views.slices["axial"]._caption.top_left == ()
    assert not dialog.identifiers.isChecked()


def test_models_run_on_the_device_that_was_chosen_last(
    make_desk: Callable[[], Desk], site: FakeSite, qtbot: QtBot, ball_series: Path
) -> None:
    site.add(GOOD_RUN)
    desk = make_desk()
    desk.start([])
    open_and_wait(desk, qtbot, ball_series)
    asked: list[str] = []
    submit = desk.runs._submit

    def listening(*args: object) -> Job[object]:
        asked.append(desk.preferences.settings.models.device)
        return submit(*args)  # type: ignore[arg-type, return-value]

    desk.runs._submit = listening  # type: ignore[assignment]
    choose(opened(desk, qtbot).device, "cpu")
    [layer] = run_and_wait(desk, qtbot, "bright")
    assert asked == ["cpu"]
    assert layer.provenance is not None
    assert layer.provenance.device == "cpu"
    assert written(desk, qtbot).models.device == "cpu"


def test_a_second_call_brings_the_same_dialog_to_the_front(desk: Desk, qtbot: QtBot) -> None:
    first = opened(desk, qtbot)
    assert opened(desk, qtbot) is first
    first.close()
    assert desk.choosing.dialog is None


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        replace(Settings(), reading=ReadingSettings("slicer", True)),
        replace(Settings(), models=replace(Settings().models, device="cuda:1", disabled=("a",))),
    ],
)
def test_what_was_not_touched_stays_as_it_was(settings: Settings) -> None:
    assert with_values(settings, as_values(settings)) == settings


def test_a_device_written_by_hand_is_shown_and_kept(qapp: QApplication) -> None:
    dialog = PreferencesDialog(PreferenceValues(device="cuda:1"))
    assert dialog.values().device == "cuda:1"
    assert dialog.device.currentText() == "cuda:1"
    dialog.deleteLater()
