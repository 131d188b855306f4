"""Packages of models in the whole window: install, decline, cancel, switch, remove, roll back."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medview.app.bootstrap import keep_turns_short
from medview.app.controllers.models import open_catalogue
from medview.app.wiring import Desk, Surroundings
from medview.config.paths import find_folders
from medview.config.redact import Redactor
from medview.config.schema import Settings
from medview.config.store import load_settings
from medview.host.hashing import sha256_of
from medview.host.packages.places import Places
from medview.host.packages.store import PackageStore
from medview.view.dialogs.error_report import ErrorReport
from medview.view.theme import apply_theme, load_theme
from tests.fake_models import GOOD_RUN, FakeSite
from tests.gui.app.acts import open_and_wait
from tests.gui.app.conftest import close, toast_texts
from tests.gui.app.heartbeat import Heartbeat
from tests.gui.app.packages import LEFT, card_of, choose, consent_to, drop, texts
from tests.unit.packages.placing import place
from tests.unit.packages.wheels import hooks, model_wheel


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


def test_a_wheel_is_installed_after_its_terms_were_read_and_nothing_ran_before(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path, scratch: Path, ball_series: Path
) -> None:
    marker = tmp_path / "it-ran"
    spoken = f"import pathlib; pathlib.Path({str(marker)!r}).write_text('it ran')\n"
    wheel = model_wheel(tmp_path, "marked", text=spoken + hooks("marked"))
    desk = opened(ball_series)
    with Heartbeat() as heart:
        QTest.mouseClick(desk.window.models.install_button, LEFT)
        source = desk.packages.offering.source
        QTest.keyClicks(source.name, str(wheel))
        QTest.keyClick(source.name, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: desk.packages.offering.consent is not None, timeout=20_000)
        consent = desk.packages.offering.consent
        shown = texts(consent)
        for told in (
            "For tests. Not for diagnosis.",
            "The testers",
            "Apache-2.0",
            "MIT",
            sha256_of(wheel),
            "shared with the application",
            "it does not ask for it, and has none",
        ):
            assert told in shown
        assert not marker.exists()
        assert not store.index().packages
        consent.agree_button.setFocus()
        QTest.keyClick(consent.agree_button, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: bool(desk.window.models.install_strip.stage), timeout=5_000)
        assert desk.window.models.install_strip.isVisible()
        card = card_of(desk, qtbot, "marked")
        qtbot.waitUntil(card.run_button.isEnabled, timeout=20_000)
    assert marker.exists()
    assert not desk.window.models.install_strip.isVisible()
    assert "Fits this series" in texts(card)
    assert toast_texts(desk) == ["Installed marked 1.0 in its own folder."]
    assert list(scratch.glob("medview-offer-*")) == []
    # Generous, for busy machines; one look at a network drive or at pip would take seconds.
    assert heart.worst_s < 0.5


def test_declining_leaves_nothing(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path, scratch: Path
) -> None:
    desk = opened()
    consent = consent_to(desk, qtbot, model_wheel(tmp_path, "unwanted"))
    assert consent.decline_button.hasFocus()
    QTest.keyClick(consent, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not list(scratch.glob("medview-offer-*")), timeout=5_000)
    assert desk.packages.offering.consent is None
    assert not store.index().packages
    assert "unwanted" not in desk.window.models.cards


def test_an_installation_that_is_cancelled_in_the_middle_leaves_nothing(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path, scratch: Path
) -> None:
    desk = opened()
    consent = consent_to(desk, qtbot, model_wheel(tmp_path, "unwanted"))
    QTest.mouseClick(consent.agree_button, LEFT)
    strip = desk.window.models.install_strip
    qtbot.waitUntil(lambda: strip.stage == "Resolving", timeout=10_000)
    QTest.mouseClick(strip.cancel_button, LEFT)
    qtbot.waitUntil(strip.isHidden, timeout=10_000)
    told = "Installing Bright voxels 1.0 was cancelled. Nothing was installed."
    assert toast_texts(desk) == [told]
    assert not store.index().packages
    left = [p for p in store.index_file.parent.rglob("*") if p.is_file() and p.name != "lock"]
    assert left == []
    assert list(scratch.iterdir()) == []


def test_closing_the_window_in_the_middle_of_an_installation_leaves_nothing(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path, scratch: Path
) -> None:
    desk = opened()
    consent = consent_to(desk, qtbot, model_wheel(tmp_path, "unwanted"))
    QTest.mouseClick(consent.agree_button, LEFT)
    strip = desk.window.models.install_strip
    qtbot.waitUntil(lambda: strip.stage == "Resolving", timeout=10_000)
    assert close(desk) == ()
    assert not store.index().packages
    left = [p for p in store.index_file.parent.rglob("*") if p.is_file() and p.name != "lock"]
    assert left == []
    assert list(scratch.iterdir()) == []


def test_a_name_is_looked_up_and_the_newest_is_not_installed_twice(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path
) -> None:
    wheelhouse = tmp_path / "wheelhouse"
    model_wheel(wheelhouse, "bone", "1.0")
    desk = opened()
    desk.packages.offering.find_places = lambda: Places().with_folders([wheelhouse])
    desk.packages.offering.ask()
    source = desk.packages.offering.source
    QTest.keyClicks(source.name, "bone")
    QTest.keyClick(source.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.packages.offering.consent is not None, timeout=20_000)
    assert desk.packages.offering.source is None
    consent = desk.packages.offering.consent
    assert "index bone" in texts(consent)
    consent.reject()
    place(store, wheelhouse / "bone-1.0-py3-none-any.whl")
    desk.models.start()
    card_of(desk, qtbot, "bone")
    desk.packages.offering.look("bone")
    told = "bone 1.0 is the newest that can be had."
    qtbot.waitUntil(lambda: toast_texts(desk) == [told], timeout=20_000)
    assert desk.packages.offering.consent is None


def test_what_fails_to_install_is_told_in_a_sentence_with_a_report(
    opened, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = opened()
    wheel = model_wheel(tmp_path, "needy", requires=["medview-imaging", "nowhere-to-be-had"])
    consent = consent_to(desk, qtbot, wheel)
    assert "with nowhere-to-be-had" in texts(consent)
    QTest.mouseClick(consent.agree_button, LEFT)
    qtbot.waitUntil(lambda: bool(toast_texts(desk)), timeout=30_000)
    [told] = toast_texts(desk)
    assert told.startswith("What 'needy' needs cannot be installed.")
    [toast] = desk.window.toasts.toasts()
    QTest.mouseClick(toast, LEFT)
    [report] = desk.window.findChildren(ErrorReport)
    QTest.mouseClick(report.copy_button, LEFT)
    copied = QGuiApplication.clipboard().text()
    assert "pip said" in copied
    assert "nowhere-to-be-had" in copied
    assert str(tmp_path) not in copied
    report.close()


def test_what_is_no_package_is_refused_in_the_dialog_with_a_report_to_copy(
    opened, qtbot: QtBot, tmp_path: Path
) -> None:
    desk = opened()
    (tmp_path / "notes.zip").write_text("no zip")
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(desk.window, Qt.Key.Key_I, keys)
    source = desk.packages.offering.source
    QTest.keyClicks(source.name, str(tmp_path / "notes.zip"))
    QTest.mouseClick(source.look_button, LEFT)
    qtbot.waitUntil(lambda: bool(source.problem), timeout=10_000)
    assert "notes.zip" in source.problem
    QTest.mouseClick(source.copy_button, LEFT)
    report = QGuiApplication.clipboard().text()
    assert "PackageError" in report
    assert str(tmp_path) not in report
    QTest.keyClick(source, Qt.Key.Key_Escape)
    assert desk.packages.offering.source is None


def test_an_upgrade_says_what_it_takes_the_place_of(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path
) -> None:
    place(store, model_wheel(tmp_path, "bone", "1.0"))
    desk = opened()
    card_of(desk, qtbot, "bone")
    consent = consent_to(desk, qtbot, model_wheel(tmp_path, "bone", "2.0"))
    assert consent.agree_button.text() == "Upgrade"
    assert "It takes the place of version 1.0, which can be gone back to." in texts(consent)
    consent.reject()


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
    qtbot.waitUntil(card.enable_button.isVisible, timeout=5_000)
    assert "Disabled: It was switched off." in texts(card)
    assert not card.run_button.isVisible()
    assert store.index().disabled == {"bone"}
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
    qtbot.waitUntil(lambda: "bone" not in cards, timeout=10_000)
    assert not store.index().packages
    [toast] = desk.window.toasts.toasts()
    assert toast.text.text() == "Bright voxels 1.0 was removed."
    QTest.mouseClick(toast, LEFT)
    card = card_of(desk, qtbot, "bone")
    choose(card, "remove")
    qtbot.waitUntil(lambda: "bone" not in cards, timeout=10_000)
    desk.packages.close()
    assert not store.place(generation.id).exists()


def test_an_upgrade_can_be_rolled_back_in_the_window(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path
) -> None:
    place(store, model_wheel(tmp_path, "bone", "1.0"))
    place(store, model_wheel(tmp_path, "bone", "2.0"))
    desk = opened()
    card = card_of(desk, qtbot, "bone")
    assert "bone 2.0" in texts(card)
    qtbot.waitUntil(lambda: not card.menu_button.isHidden(), timeout=5_000)
    choose(card, "roll-back")
    qtbot.waitUntil(lambda: "bone 1.0" in texts(card), timeout=10_000)
    assert toast_texts(desk) == ["bone 1.0 is in use again."]
    assert store.index().packages["bone"].current.version == "1.0"


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
    qtbot.waitUntil(card.network_switch.isVisible, timeout=5_000)
    assert not card.network_switch.isChecked()
    assert "It asks for the network and has none" in texts(card)
    assert "no network" in desk.window.models.foot
    card.network_switch.setFocus()
    QTest.keyClick(card.network_switch, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "as you agreed" in texts(card), timeout=10_000)
    qtbot.waitUntil(lambda: "as agreed" in desk.models.handle_of("remote").isolation, timeout=9_000)
    assert "no network" in desk.models.handle_of("other").isolation
    qtbot.waitUntil(lambda: desk.background.is_idle, timeout=5_000)
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
    qtbot.waitUntil(lambda: how in desk.window.models.notice, timeout=5_000)
    assert how in texts(card)
    assert not card.enable_button.isVisible()


def test_a_dropped_wheel_is_looked_at_and_dropped_images_are_opened(
    opened, qtbot: QtBot, tmp_path: Path, ball_series: Path
) -> None:
    wheel = model_wheel(tmp_path, "bone")
    desk = opened()
    for target in (desk.window, desk.window.models):
        drop(target, wheel)
        qtbot.waitUntil(lambda: desk.packages.offering.consent is not None, timeout=10_000)
        desk.packages.offering.consent.reject()
    drop(desk.window.models, ball_series)
    qtbot.waitUntil(lambda: desk.session.scene.active is not None, timeout=20_000)
    assert desk.packages.offering.consent is None


def test_the_doctor_finds_what_is_wrong_and_repairs_the_list(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path
) -> None:
    generation = place(store, model_wheel(tmp_path, "bone"))
    file = store.site(generation.id) / "bone" / "medview_card.json"
    file.chmod(0o600)
    file.write_text("{}")
    desk = opened()
    card_of(desk, qtbot, "bone")
    QTest.mouseClick(desk.window.models.doctor_button, LEFT)
    doctor = desk.packages.examining.dialog
    qtbot.waitUntil(lambda: bool(doctor.rows) and not doctor.is_busy, timeout=20_000)
    shown = texts(doctor)
    assert "1 files of 'bone 1.0' were changed or are gone." in shown
    for told in (
        "Python",
        "sharing the application's packages",
        "Start and import",
        "none on record",
    ):
        assert told in shown
    assert doctor.outcome == "1 of 1 packages needs attention."
    QTest.mouseClick(doctor.copy_button, LEFT)
    assert "bone 1.0" in QGuiApplication.clipboard().text()
    assert str(tmp_path) not in QGuiApplication.clipboard().text()
    store.index_file.write_text("no list")
    QTest.mouseClick(doctor.examine_button, LEFT)
    qtbot.waitUntil(lambda: "damaged" in desk.window.models.notice, timeout=10_000)
    QTest.mouseClick(doctor.repair_button, LEFT)
    qtbot.waitUntil(lambda: "Repaired" in doctor.outcome, timeout=10_000)
    assert desk.window.models.notice == ""
    assert "bone" not in desk.window.models.cards
    QTest.keyClick(doctor, Qt.Key.Key_Escape)
    assert desk.packages.examining.dialog is None
