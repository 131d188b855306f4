"""The window in step with what is installed: stale lists, old failures, removals to undo."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medview.app.controllers.last_failures import LastFailure, LastFailures
from medview.app.controllers.packages.doctor import ModelFinding, PackageFinding
from medview.app.controllers.window_packages.doctor_rows import doctor_row, verdict_on
from medview.app.wiring import Desk
from medview.app.wording import moment
from medview.config.paths import find_folders
from medview.core.errors import ModelError
from medview.host.packages.store import PackageStore
from medview.view.dialogs.error_report import ErrorReport
from tests.fake_models import GOOD_RUN, HEAD, FakeSite
from tests.gui.app.conftest import toast_texts
from tests.gui.app.packages.doing import LEFT, card_of, choose, consent_to, texts
from tests.unit.packages.placing import place
from tests.unit.packages.wheels import model_wheel

FAILING = """
@hookimpl
def run(source, params, ctx):
    raise ValueError("not today")
"""


def failing_wheel(folder: Path, version: str) -> Path:
    text = "MODEL = 'bone'\n" + dedent(HEAD) + FAILING
    return model_wheel(folder, "bone", version, text=text, with_card=False)


def run_to_its_toast(desk: Desk, qtbot: QtBot, model: str) -> None:
    """Press Run, and wait until the window says how that ended."""
    card = card_of(desk, qtbot, model)
    qtbot.waitUntil(card.run_button.isEnabled, timeout=20_000)
    card.run_button.click()
    qtbot.waitUntil(lambda: bool(toast_texts(desk)), timeout=20_000)


@pytest.mark.parametrize("then", ["2.0", "1.0"], ids=["upgraded", "installed again"])
def test_a_failed_run_belongs_to_the_installation_that_failed(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path, ball_series: Path, then: str
) -> None:
    place(store, failing_wheel(tmp_path, "1.0"))
    desk = opened(ball_series)
    card = card_of(desk, qtbot, "bone")
    qtbot.waitUntil(card.run_button.isEnabled, timeout=20_000)
    card.run_button.click()
    qtbot.waitUntil(card.failure_label.isVisible, timeout=20_000)
    if then == "1.0":
        store.change(lambda index: index.without("bone"))
    place(store, failing_wheel(tmp_path, then))
    desk.packages.noticing.look()
    qtbot.waitUntil(lambda: not card.failure_label.isVisible(), timeout=20_000)
    assert desk.window.models.cards["bone"] is card


def test_the_doctor_leaves_out_failures_of_another_installation() -> None:
    failure = LastFailure("2026-11-29T19:54:26+00:00", "1.0", "model", "No.", "")
    assert failure.is_of("1.0")
    assert failure.is_of("1.0", "2026-11-29T19:54:25+00:00")
    assert not failure.is_of("1.1")
    assert not failure.is_of("1.0", "2026-11-29T19:55:00+00:00")


def test_the_doctor_says_that_packages_are_sound_and_how_many_models_failed() -> None:
    failure = LastFailure("2026-11-29T19:54:26+00:00", "1.0", "model", "It broke.", "")
    model = ModelFinding("bone", "ready", "", "", "", 0.5, (), failure)
    finding = PackageFinding("bone", "1.0", "here", (), (), (model,))
    assert verdict_on([finding]) == "All packages are sound. 1 model failed at the last run."
    assert verdict_on([]) == "No package of models is installed."
    [line] = [line for line in doctor_row(finding).lines if line.name == "Last run"]
    assert line.text == f"failed on {moment(failure.when)}: It broke."
    assert "November 2026, " in line.text
    assert moment("some day") == "some day"


def test_how_a_removed_model_failed_is_forgotten(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path
) -> None:
    failures = LastFailures(find_folders().logs / "models")
    for model in ("bone", "another"):
        failures.keep(model, "1.0", ModelError("It failed."))
    place(store, model_wheel(tmp_path, "bone"))
    desk = opened()
    choose(card_of(desk, qtbot, "bone"), "remove")
    qtbot.waitUntil(lambda: "bone" not in desk.window.models.cards, timeout=20_000)
    assert failures.of("bone") is None
    assert failures.of("another") is not None


def test_names_of_the_environment_that_are_no_model_are_told(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(store, model_wheel(tmp_path, "bone"))
    monkeypatch.setenv("MEDVIEW_MODELS", "bone,nope")
    desk = opened()
    card_of(desk, qtbot, "bone")
    assert "Not installed, although this session asks for it: 'nope'." in desk.window.models.notice


def test_a_removal_can_be_undone_from_the_edit_menu_after_its_toast_has_gone(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path
) -> None:
    place(store, model_wheel(tmp_path, "bone"))
    desk = opened()
    offered = "edit.undo-removal"
    card = card_of(desk, qtbot, "bone")
    assert offered not in [item.id for item in desk.commands.items()]
    choose(card, "remove")
    qtbot.waitUntil(lambda: "bone" not in desk.window.models.cards, timeout=20_000)
    [toast] = desk.window.toasts.toasts()
    desk.window.toasts._dismiss(toast)
    [item] = [item for item in desk.commands.items() if item.id == offered]
    assert item.title == "Undo removing Bright voxels"
    assert item.menu == ("Edit",)
    assert any(entry.title == item.title for entry in desk.window.commands.entries())
    desk.window.commands.action(offered).trigger()
    card_of(desk, qtbot, "bone")
    assert offered not in [item.id for item in desk.commands.items()]


def test_a_run_of_a_package_that_a_terminal_removed_takes_its_card_away(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path, ball_series: Path
) -> None:
    place(store, model_wheel(tmp_path, "bone"))
    desk = opened(ball_series)
    card = card_of(desk, qtbot, "bone")
    qtbot.waitUntil(card.run_button.isEnabled, timeout=20_000)
    store.change(lambda index: index.without("bone"))
    card.run_button.click()
    qtbot.waitUntil(lambda: "bone" not in desk.window.models.cards, timeout=20_000)
    qtbot.waitUntil(lambda: desk.runs.is_idle, timeout=20_000)


def test_consent_speaks_of_what_is_installed_at_that_moment(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path
) -> None:
    wheel = model_wheel(tmp_path, "bone")
    place(store, wheel)
    desk = opened()
    card_of(desk, qtbot, "bone")
    consent = consent_to(desk, qtbot, wheel)
    assert "same version is there already" in texts(consent)
    consent.reject()
    store.change(lambda index: index.without("bone"))
    consent = consent_to(desk, qtbot, wheel)
    assert "same version is there already" not in texts(consent)
    consent.reject()
    qtbot.waitUntil(lambda: "bone" not in desk.window.models.cards, timeout=20_000)


@pytest.mark.parametrize("ships_card", [False, True])
def test_a_model_that_is_left_out_is_called_by_its_title_without_being_loaded(
    opened, store: PackageStore, qtbot: QtBot, tmp_path: Path, ships_card: bool
) -> None:
    if ships_card:
        place(store, model_wheel(tmp_path, "bone"))
    else:
        place(store, failing_wheel(tmp_path, "1.0"))
        # Described once, as every installation does.
        card_of(opened(), qtbot, "bone")
    desk = opened(safe_mode=True)
    card = card_of(desk, qtbot, "bone", "disabled")
    qtbot.waitUntil(lambda: "Bright voxels" in texts(card), timeout=20_000)
    assert desk.models.handle_of("bone").card is None


def test_consent_to_a_package_without_a_card_names_its_version_once(
    opened, qtbot: QtBot, tmp_path: Path
) -> None:
    consent = consent_to(opened(), qtbot, failing_wheel(tmp_path, "1.0"))
    assert consent.windowTitle() == "Install bone 1.0?"
    consent.reject()


def test_a_card_says_what_its_verdict_waits_for(
    opened, site: FakeSite, qtbot: QtBot, ball_series: Path
) -> None:
    site.add(GOOD_RUN, model="bright")
    desk = opened()
    card = card_of(desk, qtbot, "bright")
    qtbot.waitUntil(lambda: "No series is open" in texts(card), timeout=20_000)
    said: list[str] = []
    desk.session.scene.active_changed.connect(lambda _source: said.append(texts(card)))
    desk.opener.open([ball_series])
    qtbot.waitUntil(lambda: "Fits this series" in texts(card), timeout=20_000)
    assert "Judging…" in said[0]


def test_a_toast_names_what_was_found_in_the_words_and_unit_of_the_panel(
    opened, site: FakeSite, qtbot: QtBot, ball_series: Path
) -> None:
    site.add(GOOD_RUN, model="bright")
    desk = opened(ball_series)
    run_to_its_toast(desk, qtbot, "bright")
    [told] = toast_texts(desk)
    [found] = desk.window.findings.cards.values()
    volume = told.rpartition("bright ")[2]
    assert volume.endswith(" ml")
    assert volume in texts(found)


def test_details_of_a_failure_open_at_once_under_a_title_of_their_own(
    opened, site: FakeSite, qtbot: QtBot, ball_series: Path
) -> None:
    site.add(FAILING, model="bright")
    desk = opened(ball_series)
    run_to_its_toast(desk, qtbot, "bright")
    [toast] = desk.window.toasts.toasts()
    QTest.mouseClick(toast, LEFT)
    [report] = desk.window.findChildren(ErrorReport)
    assert report.windowTitle() == "Bright voxels failed"
    assert report.details.isVisible()
    assert report.details.toPlainText().startswith("ModelError: ")
    report.close()
