"""The list of models under the pointer: nothing moves there, and no press hits what just moved."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from medview.view.main_window import MainWindow
from medview.view.panels.model_rows import ModelRow
from medview.view.panels.steady_list import SETTLING_S

LEFT = Qt.MouseButton.LeftButton
LUNG = ModelRow("lung", "Lung", "Finds lungs.", fit="fit")
BONE = ModelRow("bone", "Bone", "Finds bones.", fit="fit")
NEW = ModelRow("airway", "Airway", "Finds airways.", fit="fit")


def point_at_the_list(window: MainWindow) -> None:
    at = QPointF(40, 40)
    QApplication.sendEvent(area_of(window), QEnterEvent(at, at, at))


def area_of(window: MainWindow) -> QScrollArea:
    [area] = window.models.findChildren(QScrollArea)
    return area


def from_top(window: MainWindow) -> list[str]:
    QApplication.processEvents()
    cards = window.models.cards
    return sorted(cards, key=lambda id_: cards[id_].y())


def settled(window: MainWindow, seconds: float = SETTLING_S) -> None:
    """Let time go by for the list, without waiting for it."""
    before = window.models.steady.now
    window.models.steady.now = lambda: before() + seconds


def shown(window: MainWindow, qtbot: QtBot, *rows: ModelRow) -> None:
    window.models.set_models(rows)
    qtbot.wait(30)


def counts_only_after_a_moment(window: MainWindow, qtbot: QtBot, model: str) -> None:
    """Press Run of a card that just moved, and once more when it has rested."""
    run = window.models.cards[model].run_button
    with qtbot.assertNotEmitted(window.models.run_requested):
        QTest.mouseClick(run, LEFT)
    settled(window)
    with qtbot.waitSignal(window.models.run_requested):
        QTest.mouseClick(run, LEFT)


def test_cards_stay_where_they_are_while_the_pointer_is_over_them(
    window: MainWindow, qtbot: QtBot
) -> None:
    shown(window, qtbot, BONE, LUNG)
    point_at_the_list(window)
    window.models.set_models((NEW, replace(LUNG, failure="It failed."), BONE))
    assert from_top(window) == ["bone", "lung", "airway"]
    QApplication.sendEvent(area_of(window), QEvent(QEvent.Type.Leave))
    assert from_top(window) == ["airway", "lung", "bone"]


@pytest.mark.parametrize("change", ["a card above grows", "a card above is removed"])
def test_a_press_on_a_card_that_just_moved_counts_only_after_a_moment(
    window: MainWindow, qtbot: QtBot, change: str
) -> None:
    shown(window, qtbot, LUNG, BONE)
    if change == "a card above grows":
        shown(window, qtbot, replace(LUNG, failure="It failed."), BONE)
    else:
        shown(window, qtbot, BONE)
    run = window.models.cards["bone"].run_button
    with qtbot.assertNotEmitted(window.models.run_requested):
        QTest.mouseClick(run, LEFT)
    settled(window)
    with qtbot.waitSignal(window.models.run_requested) as told:
        QTest.mouseClick(run, LEFT)
    assert told.args[0] == "bone"


def test_a_press_on_a_card_that_just_came_counts_only_after_a_moment(
    window: MainWindow, qtbot: QtBot
) -> None:
    shown(window, qtbot, LUNG)
    shown(window, qtbot, BONE, LUNG)
    counts_only_after_a_moment(window, qtbot, "bone")


def test_a_press_counts_at_once_where_nothing_moved_and_the_keyboard_always_does(
    window: MainWindow, qtbot: QtBot
) -> None:
    shown(window, qtbot, LUNG, BONE)
    shown(window, qtbot, LUNG, replace(BONE, failure="It failed."))
    with qtbot.waitSignal(window.models.run_requested):
        QTest.mouseClick(window.models.cards["lung"].run_button, LEFT)
    with qtbot.waitSignal(window.models.run_requested):
        QTest.keyClick(window.models.cards["bone"].run_button, Qt.Key.Key_Space)


def test_a_list_that_gets_shorter_than_it_was_scrolled_moves_as_a_whole(
    window: MainWindow, qtbot: QtBot
) -> None:
    rows = tuple(ModelRow(f"m{n}", f"Model {n}", "What it does.", fit="fit") for n in range(8))
    shown(window, qtbot, *rows)
    bar = area_of(window).verticalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.wait(30)
    with qtbot.waitSignal(window.models.run_requested):
        QTest.mouseClick(window.models.cards["m7"].run_button, LEFT)
    shown(window, qtbot, *rows[:-1])
    counts_only_after_a_moment(window, qtbot, "m6")


def test_a_double_click_on_run_does_not_cancel_what_it_began(
    window: MainWindow, qtbot: QtBot
) -> None:
    shown(window, qtbot, LUNG)
    card = window.models.cards["lung"]
    QTest.mouseClick(card.run_button, LEFT)
    shown(window, qtbot, replace(LUNG, running=True))
    assert card.cancel_button.pos() == card.run_button.pos()
    with qtbot.assertNotEmitted(window.models.cancel_requested):
        QTest.mouseClick(card.cancel_button, LEFT)
    settled(window)
    with qtbot.waitSignal(window.models.cancel_requested):
        QTest.mouseClick(card.cancel_button, LEFT)


def test_what_comes_above_the_list_moves_it_too(window: MainWindow, qtbot: QtBot) -> None:
    shown(window, qtbot, LUNG)
    window.models.set_notice("This session leaves out some models.")
    qtbot.wait(30)
    with qtbot.assertNotEmitted(window.models.run_requested):
        QTest.mouseClick(window.models.cards["lung"].run_button, LEFT)


def test_the_verdict_takes_the_line_of_what_was_waited_for(
    window: MainWindow, qtbot: QtBot
) -> None:
    judged = replace(LUNG, fit="unknown", waiting="Judging…")
    shown(window, qtbot, judged, BONE)
    card = window.models.cards["lung"]
    assert not card.run_button.isEnabled()
    assert card.run_button.toolTip() == "Judging…"
    before = card.height()
    shown(window, qtbot, LUNG, BONE)
    assert card.height() == before
    assert card.run_button.toolTip() == ""
