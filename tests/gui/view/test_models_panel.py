"""The models panel and its forms."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from medview.view.forms.field import FieldRow
from medview.view.forms.form import ParameterForm
from medview.view.main_window import MainWindow
from medview.view.panels.model_rows import CardFact, ModelRow
from tests.gui.view.rows import FIELDS

LEFT = Qt.MouseButton.LeftButton


def test_run_tells_the_model_and_its_defaults(window: MainWindow, qtbot: QtBot) -> None:
    window.models.set_models((ModelRow("lung", "Lung", fit="fit", fields=FIELDS),))
    with qtbot.waitSignal(window.models.run_requested) as told:
        QTest.mouseClick(window.models.cards["lung"].run_button, LEFT)
    assert told.args == [
        "lung",
        {"closing": 10.0, "steps": 3, "method": "fused", "airways": True, "note": ""},
    ]


def test_values_typed_into_the_form_survive_new_rows(window: MainWindow, qtbot: QtBot) -> None:
    row = ModelRow("lung", "Lung", fit="fit", fields=FIELDS)
    window.models.set_models((row,))
    card = window.models.cards["lung"]
    QTest.mouseClick(card.parameters_toggle, LEFT)
    form = card.findChild(ParameterForm)
    assert form is not None
    form.editors["steps"].set_value(5)
    window.models.set_models((ModelRow("other", "Other"), replace(row, fit="doubtful")))
    assert window.models.cards["lung"].values()["steps"] == 5
    assert card.run_button.text() == "Run anyway"


@pytest.mark.parametrize(
    ("row", "visible", "enabled"),
    [
        (ModelRow("m", "M", fit="fit"), True, True),
        (ModelRow("m", "M", fit="unknown"), True, False),
        (ModelRow("m", "M", fit="unfit", fit_reasons=("No.",)), True, False),
        (ModelRow("m", "M", fit="fit", running=True), False, True),
        (ModelRow("m", "M", fit="fit", state="broken", state_reason="no"), False, True),
    ],
)
def test_a_model_can_be_run_only_where_it_makes_sense(
    window: MainWindow, row: ModelRow, visible: bool, enabled: bool
) -> None:
    window.models.set_models((row,))
    run = window.models.cards["m"].run_button
    assert run.isVisible() == visible
    if visible:
        assert run.isEnabled() == enabled


def test_the_reason_of_a_verdict_is_on_the_card(window: MainWindow) -> None:
    row = ModelRow("m", "M", fit="doubtful", fit_reasons=("Slices are 5 mm apart.",))
    window.models.set_models((row,))
    texts = [label.text() for label in window.models.cards["m"].findChildren(QLabel)]
    assert "Doubtful: Slices are 5 mm apart." in texts


@pytest.mark.parametrize("toggle", ["details_toggle", "parameters_toggle"])
def test_what_is_unfolded_at_the_foot_of_the_panel_comes_into_view(
    window: MainWindow, qtbot: QtBot, toggle: str
) -> None:
    facts = tuple(CardFact(f"Fact {n}", "Words that say something of it.") for n in range(4))
    rows = tuple(
        ModelRow(f"m{n}", f"Model {n}", "What it does.", fit="fit", fields=FIELDS, facts=facts)
        for n in range(5)
    )
    window.models.set_models(rows)
    QApplication.processEvents()
    (area,) = window.models.findChildren(QScrollArea)
    card = window.models.cards["m4"]
    button = getattr(card, toggle)
    area.ensureWidgetVisible(button)

    def shown_from() -> int:
        return button.mapTo(area.viewport(), button.rect().bottomLeft()).y()

    before = shown_from()
    QTest.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: shown_from() < before - 40)
    title = card.mapTo(area.viewport(), card.rect().topLeft()).y()
    assert title >= 0, "the card's own title may not go out of sight"
    end = card.mapTo(area.viewport(), card.rect().bottomLeft()).y()
    assert end < area.viewport().height() or title <= 8


def test_a_filter_that_nothing_matches_says_so(window: MainWindow) -> None:
    window.models.set_models(tuple(ModelRow(f"m{n}", f"Model {n}") for n in range(7)))
    window.models.filter.setText("kidney")
    shown = [each.text() for each in window.models.findChildren(QLabel) if each.isVisible()]
    assert "No model matches 'kidney'." in shown
    window.models.filter.setText("model 3")
    shown = [each.text() for each in window.models.findChildren(QLabel) if each.isVisible()]
    assert not any("No model matches" in text for text in shown)


def test_a_form_refuses_what_is_out_of_range(themed: QApplication, qtbot: QtBot) -> None:
    form = ParameterForm(FIELDS)
    qtbot.addWidget(form)
    form.set_values({"closing": 99.0, "steps": 0, "unknown": 1})
    assert form.values()["closing"] == 30.0
    assert form.values()["steps"] == 1
    with qtbot.waitSignal(form.changed):
        form.reset()
    assert form.values() == {field.name: field.default for field in FIELDS}


@pytest.mark.parametrize("value", [0.703, 1e-4, 1250.0, -950.5])
def test_a_form_shows_a_default_exactly(themed: QApplication, qtbot: QtBot, value: float) -> None:
    form = ParameterForm((FieldRow("x", "float", value),))
    qtbot.addWidget(form)
    assert form.values()["x"] == value


def test_names_with_ampersands_and_markup_are_shown_as_they_are(window: MainWindow) -> None:
    window.models.set_models((ModelRow("m", "<b>A & B</b>"),))
    label = next(x for x in window.models.cards["m"].findChildren(QLabel) if "A & B" in x.text())
    assert label.textFormat() == Qt.TextFormat.PlainText
