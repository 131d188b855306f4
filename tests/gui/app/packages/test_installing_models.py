"""Installing models from the window: terms, yes and no, cancel, names, drops, failures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medview.host.packages.places import Places
from medview.host.packages.static import offer_of_folder
from medview.host.packages.store import PackageStore
from medview.view.dialogs.error_report import ErrorReport
from tests.gui.app.conftest import close, toast_texts
from tests.gui.app.heartbeat import Heartbeat
from tests.gui.app.packages.doing import LEFT, card_of, consent_to, drop, texts
from tests.unit.packages.placing import place
from tests.unit.packages.wheels import model_wheel, source_folder


def test_a_folder_is_installed_after_its_terms_were_read_and_nothing_ran_before(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path, scratch: Path, ball_series: Path
) -> None:
    marker = tmp_path / "it-ran"
    folder = source_folder(
        tmp_path / "marked", "marked", backend="own_backend", extra='backend-path = ["."]'
    )
    (folder / "own_backend.py").write_text(
        f"import pathlib\npathlib.Path({str(marker)!r}).write_text('the build ran')\n"
        "from hatchling.build import *\n"
    )
    desk = opened(ball_series)
    with Heartbeat() as heart:
        QTest.mouseClick(desk.window.models.install_button, LEFT)
        source = desk.packages.offering.source
        QTest.keyClicks(source.name, str(folder))
        QTest.keyClick(source.name, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: desk.packages.offering.consent is not None, timeout=20_000)
        consent = desk.packages.offering.consent
        shown = texts(consent)
        for told in (
            "For tests. Not for diagnosis.",
            "The testers",
            "Apache-2.0",
            "MIT",
            offer_of_folder(folder).sha256,
            "Installing it runs its own build code on this computer.",
            "shared with the application",
            "it does not ask for it, and has none",
        ):
            assert told in shown
        assert not marker.exists()
        assert not store.index().packages
        consent.agree_button.setFocus()
        QTest.keyClick(consent.agree_button, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: bool(desk.window.models.install_strip.stage), timeout=20_000)
        assert desk.window.models.install_strip.isVisible()
        qtbot.waitUntil(lambda: bool(toast_texts(desk)), timeout=30_000)
        assert toast_texts(desk) == ["Installed marked 1.0 in its own folder."]
        card = card_of(desk, qtbot, "marked")
        qtbot.waitUntil(card.run_button.isEnabled, timeout=20_000)
    assert marker.exists()
    assert not desk.window.models.install_strip.isVisible()
    assert "Fits this series" in texts(card)
    assert list(scratch.glob("medview-package-*")) == []
    # Generous, for busy machines; one look at a network drive or at pip would take seconds.
    assert heart.worst_s < 0.5


def test_declining_leaves_nothing(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path, scratch: Path
) -> None:
    desk = opened()
    consent = consent_to(desk, qtbot, model_wheel(tmp_path, "unwanted"))
    assert consent.decline_button.hasFocus()
    QTest.keyClick(consent, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not list(scratch.glob("medview-package-*")), timeout=20_000)
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
    qtbot.waitUntil(lambda: strip.stage == "Resolving", timeout=20_000)
    QTest.mouseClick(strip.cancel_button, LEFT)
    qtbot.waitUntil(strip.isHidden, timeout=20_000)
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
    qtbot.waitUntil(lambda: strip.stage == "Resolving", timeout=20_000)
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
    qtbot.waitUntil(lambda: bool(source.problem), timeout=20_000)
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
    older = consent_to(desk, qtbot, model_wheel(tmp_path, "bone", "0.9"))
    assert older.agree_button.text() == "Install"
    older.reject()
    older = consent_to(desk, qtbot, model_wheel(tmp_path, "bone", "0.9"))
    assert older.agree_button.text() == "Install"
    older.reject()


def test_a_dropped_wheel_is_looked_at_and_dropped_images_are_opened(
    opened, qtbot: QtBot, tmp_path: Path, ball_series: Path
) -> None:
    wheel = model_wheel(tmp_path, "bone")
    desk = opened()
    for target in (desk.window, desk.window.models):
        drop(target, wheel)
        qtbot.waitUntil(lambda: desk.packages.offering.consent is not None, timeout=20_000)
        desk.packages.offering.consent.reject()
    drop(desk.window.models, ball_series)
    qtbot.waitUntil(lambda: desk.session.scene.active is not None, timeout=20_000)
    assert desk.packages.offering.consent is None
