"""Forms of parameters: what is typed stays what it is, and is told where it cannot be used."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from medview.view.forms.field import FieldRow
from medview.view.forms.form import ParameterForm
from medview.view.main_window import MainWindow
from medview.view.panels.model_card import ModelCardView
from medview.view.panels.model_rows import ModelRow

LEFT = Qt.MouseButton.LeftButton
THRESHOLD = FieldRow("hu", "int", 300, "Threshold", "From here on.", "HU", low=-1000, high=3000)
RADIUS = FieldRow("radius", "float", 2.5, "Radius", unit="mm", low=0.5, high=20)
SEED = FieldRow("seed", "int", 1, "Seed")


def typed(form: ParameterForm, name: str, text: str) -> QLineEdit:
    field = form.editors[name].widget
    assert isinstance(field, QLineEdit)
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Tab)
    return field


def form_of(qtbot: QtBot, *fields: FieldRow) -> ParameterForm:
    form = ParameterForm(fields)
    qtbot.addWidget(form)
    form.show()
    return form


def shown(widget: QWidget) -> list[str]:
    return [each.text() for each in widget.findChildren(QLabel) if each.isVisible()]


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        (THRESHOLD, "4000", "Must be within -1000 to 3000 HU."),
        (THRESHOLD, "99999", "Must be within -1000 to 3000 HU."),
        (THRESHOLD, "-1001", "Must be within -1000 to 3000 HU."),
        (THRESHOLD, "3.5", "Must be a whole number, -1000 to 3000 HU."),
        (THRESHOLD, "", "Must be a whole number, -1000 to 3000 HU."),
        (RADIUS, "20.01", "Must be within 0.5 to 20 mm."),
        (RADIUS, "0.4999", "Must be within 0.5 to 20 mm."),
        (RADIUS, "3,5", "Must be written with a point, such as 3.5."),
        (RADIUS, "two", "Must be a number, 0.5 to 20 mm."),
        (FieldRow("n", "int", 3, low=1), "0", "Must be at least 1."),
        (FieldRow("n", "float", 3.0, high=9.5), "9.6", "Must be at most 9.5."),
    ],
)
def test_what_is_typed_stays_and_is_told_where_it_cannot_be_used(
    themed: QApplication, qtbot: QtBot, field: FieldRow, text: str, told: str
) -> None:
    form = form_of(qtbot, field)
    box = typed(form, field.name, text)
    assert box.text() == text
    assert box.property("wrong") is True
    assert told in shown(form)
    assert form.problem == f"{field.label or field.name} {told[:1].lower()}{told[1:]}"
    form.reset()
    assert form.problem == ""
    assert told not in shown(form)
    assert form.values() == {field.name: field.default}


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (THRESHOLD, "3000", 3000),
        (THRESHOLD, "-1000", -1000),
        (RADIUS, "0.5", 0.5),
        (RADIUS, "2.123456", 2.123456),
        (SEED, "12345678901234567890", 12345678901234567890),
    ],
)
def test_what_is_typed_within_the_limits_is_the_value_exactly(
    themed: QApplication, qtbot: QtBot, field: FieldRow, text: str, value: float
) -> None:
    form = form_of(qtbot, field)
    assert typed(form, field.name, text).text() == text
    assert form.values() == {field.name: value}
    assert form.problem == ""


def test_steps_by_the_keyboard_end_at_the_limits(themed: QApplication, qtbot: QtBot) -> None:
    form = form_of(qtbot, THRESHOLD, RADIUS)
    box = typed(form, "hu", "2995")
    QTest.keyClick(box, Qt.Key.Key_PageUp)
    assert form.values()["hu"] == 3000
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert form.values()["hu"] == 2999
    box = typed(form, "hu", "4000")
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert form.values()["hu"] == 3000
    box = typed(form, "radius", "0.5")
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert form.values()["radius"] == 0.5


def test_the_wheel_over_a_field_changes_no_value(themed: QApplication, qtbot: QtBot) -> None:
    form = form_of(qtbot, THRESHOLD)
    box = form.editors["hu"].widget
    box.setFocus()
    at = QPointF(box.rect().center())
    event = QWheelEvent(
        at, box.mapToGlobal(at), QPoint(0, 0), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, event)
    assert form.values() == {"hu": 300}


def test_the_limits_of_a_field_are_in_its_tool_tip_and_in_the_empty_field(
    themed: QApplication, qtbot: QtBot
) -> None:
    form = form_of(qtbot, THRESHOLD)
    box = form.editors["hu"].widget
    assert isinstance(box, QLineEdit)
    assert box.toolTip() == "From here on.\n-1000 to 3000 HU"
    assert box.placeholderText() == "-1000 to 3000 HU"


def test_a_field_in_a_narrow_form_has_room_for_its_limits_and_its_unit(
    themed: QApplication, qtbot: QtBot
) -> None:
    long = FieldRow("r", "float", 2.5, "Closing radius of the mask", unit="mm", low=0.5, high=20)
    form = form_of(qtbot, THRESHOLD, long)
    form.resize(230, 300)
    QApplication.processEvents()
    for name, words in (("hu", "-1000 HU"), ("r", "20.25 mm")):
        box = form.editors[name].widget
        assert box.width() >= box.fontMetrics().horizontalAdvance(words) + 32


def test_a_caption_stands_at_the_middle_of_its_field(themed: QApplication, qtbot: QtBot) -> None:
    form = form_of(qtbot, THRESHOLD, RADIUS)
    form.resize(400, 200)
    QApplication.processEvents()
    for label in form.findChildren(QLabel):
        field = label.buddy()
        if field is not None:
            assert abs(label.geometry().center().y() - field.geometry().center().y()) <= 1


def opened_card(window: MainWindow) -> tuple[ModelCardView, ParameterForm]:
    window.models.set_models((ModelRow("m", "M", fit="fit", fields=(THRESHOLD,)),))
    card = window.models.cards["m"]
    QTest.mouseClick(card.parameters_toggle, LEFT)
    form = card.findChild(ParameterForm)
    assert form is not None
    return card, form


def test_run_is_refused_with_the_reason_until_the_number_is_right(
    window: MainWindow, qtbot: QtBot
) -> None:
    card, form = opened_card(window)
    typed(form, "hu", "4000")
    reason = "Threshold must be within -1000 to 3000 HU."
    assert not card.run_button.isEnabled()
    assert card.run_button.toolTip() == reason
    window.models.set_models((ModelRow("m", "M", report="New.", fit="fit", fields=(THRESHOLD,)),))
    assert not card.run_button.isEnabled()
    QTest.mouseClick(card.parameters_toggle, LEFT)
    assert f"Parameters: {reason}" in shown(card)
    QTest.mouseClick(card.parameters_toggle, LEFT)
    typed(form, "hu", "400")
    with qtbot.waitSignal(window.models.run_requested) as told:
        QTest.mouseClick(card.run_button, LEFT)
    assert told.args == ["m", {"hu": 400}]


def test_a_run_from_the_menu_takes_what_the_form_shows_and_unfolds_it_where_that_is_wrong(
    window: MainWindow, qtbot: QtBot
) -> None:
    card, form = opened_card(window)
    typed(form, "hu", "400")
    with qtbot.waitSignal(window.models.run_requested) as told:
        window.models.run("m")
    assert told.args == ["m", {"hu": 400}]
    typed(form, "hu", "4000")
    QTest.mouseClick(card.parameters_toggle, LEFT)
    with qtbot.assertNotEmitted(window.models.run_requested):
        window.models.run("m")
    assert form.isVisible()
