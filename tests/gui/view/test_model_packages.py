"""The widgets for packages of models: menus, cards and dialogs, without anything behind them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit
from pytestqt.qtbot import QtBot

from medview.view.dialogs.consent import (
    ConsentDialog,
    ConsentLine,
    ConsentRows,
    ConsentSection,
)
from medview.view.dialogs.doctor import DoctorDialog
from medview.view.dialogs.doctor_rows import DoctorLine, DoctorRow
from medview.view.dialogs.install_source import InstallSource
from medview.view.main_window import MainWindow
from medview.view.panels.model_rows import ModelRow, NetworkWish, PackageFacts
from medview.view.parts import breakable

OWN = PackageFacts("bone", "2.0", "in its own folder", former="1.0", is_own=True)
SHA = "0123456789abcdef" * 4


def menu_of(window: MainWindow, row: ModelRow) -> list[str]:
    window.models.set_models((row,))
    actions = window.models.cards[row.id].menu_button.menu().actions()
    return [action.text() for action in actions if action.text()]


@pytest.mark.parametrize(
    ("package", "offered"),
    [
        (OWN, ["Disable", "Upgrade…", "Roll back to 1.0", "Remove", "Doctor…"]),
        (PackageFacts("shipped", "1.0"), ["Disable", "Doctor…"]),
        (PackageFacts("shipped", "1.0", is_on=False), ["Enable", "Doctor…"]),
        (PackageFacts("shipped", "1.0", is_on=False, can_switch=False), ["Doctor…"]),
    ],
)
def test_the_menu_offers_what_can_be_done(
    window: MainWindow, package: PackageFacts, offered: list[str]
) -> None:
    assert menu_of(window, ModelRow("m", "M", package=package)) == offered


def test_the_space_bar_presses_the_button_that_was_tabbed_to(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.models.set_models((ModelRow("m", "M", fit="fit"),))
    run = window.models.cards["m"].run_button
    run.setFocus()
    with qtbot.waitSignal(window.models.run_requested):
        QTest.keyClick(run, Qt.Key.Key_Space)


def test_many_models_come_a_few_at_a_time_in_their_order(window: MainWindow, qtbot: QtBot) -> None:
    rows = tuple(ModelRow(f"m{number}", f"Model {number}") for number in range(30))
    window.models.set_models(rows)
    assert len(window.models.cards) < 30
    window.models.filter.setText("Model 2")
    qtbot.waitUntil(lambda: len(window.models.cards) == 30, timeout=20_000)
    shown = [id_ for id_, card in window.models.cards.items() if card.isVisible()]
    assert shown == [f"m{number}" for number in range(30) if "2" in str(number)]
    assert [window.models._column.indexOf(window.models.cards[row.id]) for row in rows] == list(
        range(30)
    )


def test_every_control_of_a_card_has_a_name_that_says_of_which_model(window: MainWindow) -> None:
    row = ModelRow(
        "m", "Bones", state="broken", report="r", package=OWN, network=NetworkWish(False, "No.")
    )
    window.models.set_models((row,))
    card = window.models.cards["m"]
    for control in (card.menu_button, card.copy_button, card.network_switch, card.run_button):
        assert "Bones" in control.accessibleName()


def test_a_long_reason_is_cut_and_whole_in_its_tool_tip(window: MainWindow) -> None:
    reason = "It failed because of this. " * 40
    window.models.set_models((ModelRow("m", "M", state="broken", state_reason=reason),))
    [label] = [
        each
        for each in window.models.cards["m"].findChildren(type(window.models._notice))
        if each.text().startswith("Broken")
    ]
    assert len(label.text()) < 300
    assert reason in label.toolTip()


def test_a_word_without_end_is_given_places_to_break_and_others_stay() -> None:
    assert breakable("a plain sentence") == "a plain sentence"
    assert breakable(SHA).replace("\N{ZERO WIDTH SPACE}", "") == SHA
    assert max(map(len, breakable(SHA).split("\N{ZERO WIDTH SPACE}"))) <= 16


@pytest.mark.parametrize("agreed", [True, False])
def test_consent_is_answered_once_and_a_hash_can_be_copied_exactly(
    themed: QApplication, qtbot: QtBot, agreed: bool
) -> None:
    section = ConsentSection("Bones", (ConsentLine("SHA-256", SHA, is_hash=True),))
    dialog = ConsentDialog(ConsentRows("Bones 1.0", "", ("Beware.",), (section,), "Install?"))
    dialog.show()
    [field] = dialog.findChildren(QLineEdit)
    field.selectAll()
    assert field.selectedText() == SHA
    answers: list[bool] = []
    dialog.answered.connect(answers.append)
    if agreed:
        QTest.mouseClick(dialog.agree_button, Qt.MouseButton.LeftButton)
    else:
        dialog.close()
    assert answers == [agreed]


def test_return_answers_with_the_button_that_has_the_focus(
    themed: QApplication, qtbot: QtBot
) -> None:
    answers: list[bool] = []
    for is_yes in (False, True):
        dialog = ConsentDialog(ConsentRows("Bones 1.0", "", (), (), "Install?"))
        dialog.answered.connect(answers.append)
        dialog.show()
        if is_yes:
            dialog.agree_button.setFocus()
        focused = dialog.focusWidget()
        assert focused is (dialog.agree_button if is_yes else dialog.decline_button)
        QTest.keyClick(focused, Qt.Key.Key_Return)
    assert answers == [False, True]


def test_the_name_has_the_keys_again_after_something_could_not_be_read(
    themed: QApplication, qtbot: QtBot
) -> None:
    dialog = InstallSource()
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.keyClicks(dialog.name, "bone")
    dialog.set_looking("bone")
    dialog.set_looking("")
    dialog.set_problem("There is no package 'bone'.", "")
    assert dialog.focusWidget() is dialog.name
    with qtbot.waitSignal(dialog.chosen) as told:
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert told.args == ["bone"]


def test_the_buttons_of_a_dialog_end_where_its_cards_do(themed: QApplication, qtbot: QtBot) -> None:
    section = ConsentSection("Bones", (ConsentLine("SHA-256", SHA, is_hash=True),))
    consent = ConsentDialog(ConsentRows("Bones 1.0", "", (), (section,), "Install?"))
    doctor = DoctorDialog()
    doctor.set_rows((DoctorRow("bone 1.0", "sound", True, (), ""),))
    for dialog, last in ((consent, consent.agree_button), (doctor, doctor.close_button)):
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.wait(20)
        card = dialog.findChild(QFrame, "card")
        assert card is not None
        ends = [each.mapTo(dialog, QPoint(each.width(), 0)).x() for each in (card, last)]
        assert abs(ends[0] - ends[1]) <= 1


def test_the_doctor_shows_what_is_wrong_and_folds_versions(
    themed: QApplication, qtbot: QtBot
) -> None:
    dialog = DoctorDialog()
    lines = (DoctorLine("bones", ""), DoctorLine("State", "broken: no", "bad"))
    dialog.set_rows((DoctorRow("bone 1.0", "needs attention", False, lines, "numpy==2.0"),))
    dialog.set_busy("Examining bone")
    dialog.show()
    assert not dialog.repair_button.isEnabled()
    dialog.set_busy("")
    with qtbot.waitSignal(dialog.repair_requested):
        QTest.mouseClick(dialog.repair_button, Qt.MouseButton.LeftButton)
    toggle = next(
        b for b in dialog.findChildren(type(dialog.repair_button)) if "ersions" in b.text()
    )
    QTest.mouseClick(toggle, Qt.MouseButton.LeftButton)
    assert toggle.text() == "Hide versions"
    with qtbot.waitSignal(dialog.closed):
        dialog.close()
