"""Models in the whole window: run, see, cancel, undo, save, quit."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medview.app.controllers.run_model import submit_run
from medview.app.controllers.save_findings import save_findings
from medview.app.session import PLANES
from medview.app.wiring import Desk
from medview.core.findings.labelmap import LabelMap
from tests.fake_models import GOOD_RUN, FakeSite
from tests.gui.app.acts import layers, model_card, open_and_wait, run_and_wait
from tests.gui.app.conftest import close, toast_texts
from tests.gui.app.heartbeat import Heartbeat

SLOW_RUN = """
import time

@hookimpl
def run(source, params, ctx):
    for step in range(6000):
        ctx.progress(step / 6000, "Thinking")
        time.sleep(0.005)
    return Findings()
"""
FAILING_RUN = """
@hookimpl
def run(source, params, ctx):
    raise ValueError("no lungs at /home/jane/doe")
"""
FAILING_ONCE = """
RUNS = []

@hookimpl
def run(source, params, ctx):
    RUNS.append(1)
    if len(RUNS) == 1:
        raise ValueError("not today")
    return Findings(LabelMap("Bright", (source.array > 0).astype(np.uint8), LABELS))
"""
BUSY_RUN = """
import time

@hookimpl
def run(source, params, ctx):
    end = time.monotonic() + 1.0
    while time.monotonic() < end:
        ctx.progress(None, "Counting")
        sum(range(20000))
    return Findings(LabelMap("Bright", (source.array > 0).astype(np.uint8), LABELS))
"""
BALL_ML = 4 / 3 * np.pi * 20.0**3 / 1000


@pytest.fixture
def with_model(
    make_desk: Callable[[], Desk], site: FakeSite, qtbot: QtBot, ball_series: Path
) -> Callable[[str], Desk]:
    """A window on the ball with one model of the given code."""

    def make(code: str) -> Desk:
        site.add(code)
        desk = make_desk()
        desk.start([])
        open_and_wait(desk, qtbot, ball_series)
        return desk

    return make


def test_a_result_appears_in_all_views_without_moving_the_slices(
    with_model: Callable[[str], Desk], qtbot: QtBot
) -> None:
    desk = with_model(GOOD_RUN)
    before = {plane: desk.session.planes[plane].state for plane in PLANES}
    frames = {plane: desk.views.slices[plane].frame() for plane in PLANES}
    [layer] = run_and_wait(desk, qtbot, "bright")
    assert layer.state.visible
    assert {plane: desk.session.planes[plane].state for plane in PLANES} == before
    for plane in PLANES:
        frame = desk.views.slices[plane].frame().astype(int)
        x, y = (int(v) for v in desk.views.slices[plane].lps_to_display((3.0, 3.0, 3.0)))
        # The label is red; where it lies the picture is redder than it was.
        redder = frame[y, x, 0] - frame[y, x, 1]
        assert redder > frames[plane].astype(int)[y, x, 0] - frames[plane].astype(int)[y, x, 1]


def test_the_panel_shows_the_volume_of_the_ball(
    with_model: Callable[[str], Desk], qtbot: QtBot
) -> None:
    desk = with_model(GOOD_RUN)
    run_and_wait(desk, qtbot, "bright")
    active = desk.session.scene.active
    assert active is not None
    [result] = desk.results.shown(active.id)
    [[fact]] = result.facts.values()
    assert fact.volume_ml == pytest.approx(BALL_ML, rel=0.1)
    [card] = desk.window.findings.cards.values()
    assert card is not None
    assert any(text.startswith("Bright voxels done in") for text in toast_texts(desk))


def test_removing_a_result_offers_undo_and_undo_brings_it_back(
    with_model: Callable[[str], Desk], qtbot: QtBot
) -> None:
    desk = with_model(GOOD_RUN)
    [layer] = run_and_wait(desk, qtbot, "bright")
    desk.window.layers.remove_requested.emit(layer.id)
    assert layers(desk) == ()
    assert desk.window.findings.cards == {}
    desk.window.toasts.toasts()[-1]._on_action()
    assert layers(desk) == (layer,)
    desk.window.commands.action("edit.undo").trigger()
    assert layers(desk) == ()
    desk.window.commands.action("edit.redo").trigger()
    assert layers(desk) == (layer,)


def test_cancel_leaves_nothing_behind_and_the_model_runs_again(
    with_model: Callable[[str], Desk], qtbot: QtBot
) -> None:
    desk = with_model(SLOW_RUN)
    model_card(desk, qtbot, "bright").run_button.click()
    assert len(desk.activity.rows) == 1
    qtbot.waitUntil(lambda: desk.activity.rows[0].stage == "Thinking", timeout=20_000)
    desk.window.jobs.cancel_button.click()
    qtbot.waitUntil(lambda: not desk.activity.rows, timeout=20_000)
    assert layers(desk) == ()
    assert toast_texts(desk) == ["Bright voxels was cancelled."]
    assert model_card(desk, qtbot, "bright").run_button.isVisible()


def test_a_failing_model_is_named_and_its_report_holds_no_path(
    with_model: Callable[[str], Desk], qtbot: QtBot
) -> None:
    desk = with_model(FAILING_RUN)
    model_card(desk, qtbot, "bright").run_button.click()
    qtbot.waitUntil(lambda: bool(toast_texts(desk)), timeout=20_000)
    [text] = toast_texts(desk)
    assert text.startswith("Bright voxels failed.")
    assert "jane" not in text
    assert not desk.activity.rows
    card = model_card(desk, qtbot, "bright")
    assert "Last run: Bright voxels failed." in plain(card.failure_label.text())
    assert card.failure_label.isVisible()
    assert card.minimumSizeHint().width() <= 280, "it would be cut off in a narrow panel"
    card.failure_button.click()
    copied = QGuiApplication.clipboard().text()
    assert "Bright voxels failed." in copied
    assert "jane" not in copied


def plain(text: str) -> str:
    """Without the places where a long word may be broken."""
    return text.replace("\N{ZERO WIDTH SPACE}", "")


def test_what_is_said_of_a_failure_goes_with_the_next_run(
    with_model: Callable[[str], Desk], qtbot: QtBot
) -> None:
    desk = with_model(FAILING_ONCE)
    card = model_card(desk, qtbot, "bright")
    card.run_button.click()
    qtbot.waitUntil(lambda: card.failure_label.isVisible(), timeout=20_000)
    card.run_button.click()
    qtbot.waitUntil(lambda: len(layers(desk)) == 1, timeout=20_000)
    assert not card.failure_label.isVisible()
    assert not card.failure_button.isVisible()


def test_quitting_while_a_model_runs_ends_in_order(
    with_model: Callable[[str], Desk], qtbot: QtBot
) -> None:
    desk = with_model(SLOW_RUN)
    model_card(desk, qtbot, "bright").run_button.click()
    qtbot.waitUntil(lambda: desk.activity.rows[0].stage == "Thinking", timeout=20_000)
    assert close(desk) == ()
    assert desk.runner.jobs == ()


def test_a_result_for_a_series_that_was_closed_meanwhile_is_dropped(
    with_model: Callable[[str], Desk], qtbot: QtBot
) -> None:
    desk = with_model(BUSY_RUN)
    model_card(desk, qtbot, "bright").run_button.click()
    qtbot.waitUntil(lambda: desk.activity.rows[0].stage == "Counting", timeout=20_000)
    desk.loader.close_all()
    qtbot.waitUntil(lambda: not desk.activity.rows and desk.background.is_idle, timeout=20_000)
    assert desk.session.scene.sources == ()
    assert desk.window.findings.cards == {}


def test_the_window_stays_alive_while_a_model_counts_in_python(
    with_model: Callable[[str], Desk], qtbot: QtBot
) -> None:
    desk = with_model(BUSY_RUN)
    card = model_card(desk, qtbot, "bright")
    qtbot.wait(300)
    with Heartbeat() as heart:
        card.run_button.click()
        qtbot.waitUntil(lambda: len(layers(desk)) == 1, timeout=20_000)
    assert heart.beats > 10
    # Ten times what is asked of a machine that does nothing else.
    assert heart.worst_s < 1.0


def test_saving_from_the_window_writes_what_the_command_line_writes(
    with_model: Callable[[str], Desk], qtbot: QtBot, tmp_path: Path
) -> None:
    desk = with_model(GOOD_RUN)
    run_and_wait(desk, qtbot, "bright")
    active = desk.session.scene.active
    assert active is not None
    from_window, from_command = tmp_path / "window", tmp_path / "command"
    desk.saver._ask_folder = lambda _name: from_window
    desk.window.commands.action("file.save-findings").trigger()
    qtbot.waitUntil(lambda: (from_window / "findings.json").exists(), timeout=20_000)
    handle = desk.models._catalogue.handle("bright")
    job = submit_run(desk.runner, handle, active.data, weights_folder=tmp_path / "weights")
    save_findings(job.future.result(timeout=20), from_command)
    one, other = (
        json.loads((folder / "findings.json").read_text()) for folder in (from_window, from_command)
    )
    assert one["findings"] == other["findings"]
    for item in one["findings"]:
        written = from_window / item["file"]
        assert written.read_bytes() == (from_command / item["file"]).read_bytes()
    for record in (one, other):
        for changing in ("started", "duration_s", "warnings"):
            record["provenance"].pop(changing)
    assert one == other
    assert gzip.decompress((from_window / one["findings"][0]["file"]).read_bytes())


def test_what_was_removed_is_not_saved(with_model: Callable[[str], Desk], qtbot: QtBot) -> None:
    desk = with_model(
        GOOD_RUN.replace(
            'return Findings(LabelMap("Bright", mask, LABELS))',
            'return Findings(LabelMap("One", mask, LABELS), LabelMap("Two", mask, LABELS))',
        )
    )
    first, second = run_and_wait(desk, qtbot, "bright")
    desk.layer_acts.remove([first.id])
    active = desk.session.scene.active
    assert active is not None
    [result] = desk.results.shown(active.id)
    [kept] = desk.results.remaining(result).items
    assert isinstance(kept, LabelMap)
    assert kept is second.finding


def test_a_click_on_a_structure_brings_it_into_the_middle(
    with_model: Callable[[str], Desk], qtbot: QtBot
) -> None:
    desk = with_model(GOOD_RUN)
    [layer] = run_and_wait(desk, qtbot, "bright")
    desk.navigator.put_cursor((-40.0, -30.0, -30.0))
    [card] = desk.window.findings.cards.values()
    names = next(s._labels for s in card._sections if s._labels is not None).names
    QTest.mouseClick(names[1], Qt.MouseButton.LeftButton)
    place = desk.session.cursor.state.position_lps_mm
    assert isinstance(layer.finding, LabelMap)
    assert layer.finding.grid is not None
    inside = tuple(np.round(layer.finding.grid.to_index(np.asarray(place))).astype(int))
    assert layer.finding.array[inside] == 1
    for plane in PLANES:
        frame_place = desk.views.slices[plane].lps_to_display(place)
        size = desk.views.pane(plane).host.frame_size()
        np.testing.assert_allclose(frame_place, np.asarray(size) / 2, atol=2.0)
