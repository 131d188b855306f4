"""Installed models in the window: states and reasons, switch, remove, go back, network, doctor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medview.app.wording import moment
from medview.config.paths import find_folders
from medview.config.store import load_settings
from medview.host.packages.places import Places
from medview.host.packages.records import Package
from medview.host.packages.store import PackageStore
from medview.view.panels.steady_list import SETTLING_S
from tests.fake_models import GOOD_RUN, FakeSite
from tests.gui.app.acts import open_and_wait
from tests.gui.app.conftest import toast_texts
from tests.gui.app.packages.doing import LEFT, card_of, choose, texts
from tests.unit.packages.placing import place
from tests.unit.packages.wheels import model_wheel, source_folder


def test_a_broken_model_shows_its_reason_and_its_report_can_be_copied(
    opened, site: FakeSite, qtbot: QtBot
) -> None:
    site.add("import nothing_of_that_name\n", model="broken", distribution="fake-broken")
    desk = opened()
    card = card_of(desk, qtbot, "broken", "broken")
    assert "Broken: Importing it failed: ModuleNotFoundError" in texts(card)
    QTest.mouseClick(card.copy_button, LEFT)
    report = QGuiApplication.clipboard().text()
    assert "Model broken from fake-broken 1.2" in report
    assert str(site.folder) not in report


def test_two_packages_that_bring_one_id_are_both_shown_and_the_second_says_why_it_is_not_used(
    opened, site: FakeSite, qtbot: QtBot
) -> None:
    site.add(GOOD_RUN, model="same", distribution="fake-a")
    site.add(GOOD_RUN, model="same", distribution="fake-b")
    desk = opened()
    card_of(desk, qtbot, "same")
    [other] = [card for id_, card in desk.window.models.cards.items() if id_ != "same"]
    assert "Incompatible: The id 'same' is already brought by fake-a." in texts(other)


def test_a_model_is_disabled_and_enabled_without_a_restart(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path, ball_series: Path
) -> None:
    place(store, model_wheel(tmp_path, "bone"))
    desk = opened(ball_series)
    choose(card_of(desk, qtbot, "bone"), "disable")
    card = card_of(desk, qtbot, "bone", "disabled")
    qtbot.waitUntil(card.enable_button.isVisible, timeout=20_000)
    assert "Disabled: It was switched off." in texts(card)
    assert not card.run_button.isVisible()
    assert store.index().disabled == {"bone/bone"}
    # A button that just took the place of another does not count a press yet.
    qtbot.wait(round(SETTLING_S * 1000) + 50)
    QTest.mouseClick(card.enable_button, LEFT)
    qtbot.waitUntil(card.run_button.isEnabled, timeout=20_000)
    assert store.index().disabled == frozenset()


def test_a_removal_can_be_undone_and_else_leaves_nothing(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path
) -> None:
    generation = place(store, model_wheel(tmp_path, "bone"))
    desk = opened()
    cards = desk.window.models.cards
    choose(card_of(desk, qtbot, "bone"), "remove")
    qtbot.waitUntil(lambda: "bone" not in cards, timeout=20_000)
    assert not store.index().packages
    [toast] = desk.window.toasts.toasts()
    assert toast.text.text() == "Bright voxels 1.0 was removed."
    QTest.mouseClick(toast, LEFT)
    card = card_of(desk, qtbot, "bone")
    choose(card, "remove")
    qtbot.waitUntil(lambda: "bone" not in cards, timeout=20_000)
    desk.packages.close()
    assert not store.place(generation.id).exists()


@pytest.mark.parametrize("is_taken", [False, True])
def test_consent_comes_back_with_the_package_that_had_it_and_with_no_other(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path, is_taken: bool
) -> None:
    place(store, model_wheel(tmp_path, "bone", "1.0"))
    desk = opened()
    card = card_of(desk, qtbot, "bone")
    before = desk.preferences.settings
    models = replace(before.models, network=("bone/bone",))
    desk.preferences.take(replace(before, models=models))
    choose(card, "remove")
    qtbot.waitUntil(lambda: "bone" not in desk.window.models.cards, timeout=20_000)
    assert desk.preferences.settings.models.network == ()
    if is_taken:
        place(store, model_wheel(tmp_path, "bone", "2.0"))
    [toast] = desk.window.toasts.toasts()
    QTest.mouseClick(toast, LEFT)
    told = "cannot be put back" if is_taken else "is there again"
    qtbot.waitUntil(lambda: told in "".join(toast_texts(desk)), timeout=20_000)
    qtbot.waitUntil(lambda: desk.background.is_idle, timeout=20_000)
    assert desk.preferences.settings.models.network == (() if is_taken else ("bone/bone",))
    kept = load_settings(find_folders().settings_file).settings
    assert kept.models.network == desk.preferences.settings.models.network


def test_an_upgrade_can_be_rolled_back_in_the_window(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path
) -> None:
    place(store, model_wheel(tmp_path, "bone", "1.0"))
    place(store, model_wheel(tmp_path, "bone", "2.0"))
    desk = opened()
    card = card_of(desk, qtbot, "bone")
    assert "bone 2.0" in texts(card)
    qtbot.waitUntil(lambda: not card.menu_button.isHidden(), timeout=20_000)
    choose(card, "roll-back")
    qtbot.waitUntil(lambda: "bone 1.0" in texts(card), timeout=20_000)
    since = moment(store.index().packages["bone"].current.installed)
    assert toast_texts(desk) == [f"bone 1.0 of {since} is in use again."]
    assert store.index().packages["bone"].current.version == "1.0"


def test_an_upgrade_asks_the_index_whatever_lies_in_the_working_folder(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path, monkeypatch
) -> None:
    wheelhouse = tmp_path / "wheelhouse"
    now = place(store, model_wheel(tmp_path, "bone", "1.0"))
    came = Package("bone", now.id, (replace(now, source="index"),))
    store.change(lambda index: replace(index, packages={"bone": came}))
    model_wheel(wheelhouse, "bone", "2.0")
    monkeypatch.chdir(tmp_path)
    source_folder(tmp_path / "bone", "bone", version="6.6")
    desk = opened()
    desk.packages.offering.find_places = lambda: Places().with_folders([wheelhouse])
    card = card_of(desk, qtbot, "bone")
    qtbot.waitUntil(lambda: not card.menu_button.isHidden(), timeout=20_000)
    choose(card, "upgrade")
    qtbot.waitUntil(lambda: desk.packages.offering.consent is not None, timeout=20_000)
    told = texts(desk.packages.offering.consent)
    assert "Upgrade to Bright voxels 2.0?" in told
    assert "6.6" not in told
    desk.packages.offering.consent.reject()


def test_the_fit_follows_the_open_series_with_its_reason_before_any_work(
    opened, site: FakeSite, qtbot: QtBot, ball_series: Path
) -> None:
    site.add(GOOD_RUN, model="for-ct", distribution="fake-ct")
    mr = "CARD['input'] = InputSpec('volume', modalities=('MR',))\n"
    site.add(mr + GOOD_RUN, model="for-mr", distribution="fake-mr")
    thin = "CARD['input'] = InputSpec('volume', max_spacing_mm=0.01)\n"
    site.add(thin + GOOD_RUN, model="for-thin", distribution="fake-thin")
    desk = opened()
    card = card_of(desk, qtbot, "for-mr")
    assert not card.run_button.isEnabled()
    open_and_wait(desk, qtbot, ball_series)
    qtbot.waitUntil(
        lambda: "Does not fit: It needs MR, and this is CT." in texts(card), timeout=20_000
    )
    cards = desk.window.models.cards
    assert "Fits this series" in texts(cards["for-ct"])
    assert cards["for-ct"].run_button.isEnabled()
    assert "Doubtful: The spacing of" in texts(cards["for-thin"])
    assert cards["for-thin"].run_button.text() == "Run anyway"
    assert not card.run_button.isEnabled()


def test_a_model_gets_the_network_only_after_a_consent_of_its_own(
    opened, site: FakeSite, qtbot: QtBot
) -> None:
    site.add("CARD['network'] = True\n" + GOOD_RUN, model="remote", distribution="fake-remote")
    site.add("CARD['network'] = True\n" + GOOD_RUN, model="other", distribution="fake-other")
    desk = opened()
    card = card_of(desk, qtbot, "remote")
    qtbot.waitUntil(card.network_switch.isVisible, timeout=20_000)
    assert not card.network_switch.isChecked()
    assert "It asks for the network and has none" in texts(card)
    assert "no network" in desk.window.models.foot
    card.network_switch.setFocus()
    QTest.keyClick(card.network_switch, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "as you agreed" in texts(card), timeout=20_000)
    qtbot.waitUntil(lambda: "as agreed" in desk.models.handle_of("remote").isolation, timeout=9_000)
    assert "no network" in desk.models.handle_of("other").isolation
    qtbot.waitUntil(lambda: desk.background.is_idle, timeout=20_000)
    kept = load_settings(find_folders().settings_file).settings
    assert kept.models.network == ("fake-remote/remote",)
    QTest.keyClick(card.network_switch, Qt.Key.Key_Space)
    qtbot.waitUntil(
        lambda: "no network" in desk.models.handle_of("remote").isolation, timeout=9_000
    )


@pytest.mark.parametrize("how", ["--safe-mode", "MEDVIEW_MODELS"])
def test_what_leaves_models_out_is_told_as_the_reason(
    opened, site: FakeSite, qtbot: QtBot, how: str
) -> None:
    site.add(GOOD_RUN, model="bright")
    if how == "--safe-mode":
        desk = opened(safe_mode=True)
    else:
        desk = opened(environ={"MEDVIEW_MODELS": "another"})
    card = card_of(desk, qtbot, "bright", "disabled")
    qtbot.waitUntil(lambda: how in desk.window.models.notice, timeout=20_000)
    assert how in texts(card)
    assert not card.enable_button.isVisible()


def test_the_doctor_finds_what_is_wrong_and_repairs_the_list(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path
) -> None:
    generation = place(store, model_wheel(tmp_path, "bone"))
    file = store.site(generation.id) / "bone" / "medview_card.json"
    file.chmod(0o600)
    file.write_text("{}")
    desk = opened()
    card_of(desk, qtbot, "bone", "broken")
    QTest.mouseClick(desk.window.models.doctor_button, LEFT)
    doctor = desk.packages.examining.dialog
    qtbot.waitUntil(lambda: bool(doctor.rows) and not doctor.is_busy, timeout=20_000)
    shown = texts(doctor)
    assert "One file of 'bone 1.0' was changed or is gone: bone/" in shown
    for told in (
        "Python",
        "sharing the application's packages",
        "Start and import",
        "no failure on record",
    ):
        assert told in shown
    assert doctor.outcome == "1 of 1 packages needs attention."
    QTest.mouseClick(doctor.copy_button, LEFT)
    assert "bone 1.0" in QGuiApplication.clipboard().text()
    assert str(tmp_path) not in QGuiApplication.clipboard().text()
    store.index_file.write_text("no list")
    QTest.mouseClick(doctor.examine_button, LEFT)
    qtbot.waitUntil(lambda: "damaged" in desk.window.models.notice, timeout=20_000)
    QTest.mouseClick(doctor.repair_button, LEFT)
    qtbot.waitUntil(lambda: "made again" in doctor.outcome, timeout=20_000)
    assert "bone 1.0" in doctor.outcome
    assert desk.window.models.notice == ""
    card_of(desk, qtbot, "bone", "broken")
    assert store.index().packages["bone"].current == generation
    QTest.keyClick(doctor, Qt.Key.Key_Escape)
    assert desk.packages.examining.dialog is None


def test_what_a_terminal_installs_and_removes_shows_when_the_reader_comes_back(
    opened, store: PackageStore, qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    desk = opened()
    assert "spots" not in desk.window.models.cards
    place(store, model_wheel(tmp_path, "spots"))
    qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationInactive)
    qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    qtbot.waitUntil(lambda: "spots" in desk.window.models.cards, timeout=20_000)
    store.change(lambda index: index.without("spots"))
    qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    qtbot.waitUntil(lambda: "spots" not in desk.window.models.cards, timeout=20_000)
