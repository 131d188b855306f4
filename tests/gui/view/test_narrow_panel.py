"""The models panel in little room: nothing lies beyond its edge, and no words are cut off."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from medview.view.main_window import MainWindow
from medview.view.panels.model_rows import CardFact, ModelRow, PackageFacts
from medview.view.panels.models import ModelsPanel
from tests.gui.view.rows import FIELDS

WORDS = (
    "A demonstration model: candidates for lung nodules of 3 to 30 mm on chest CT, with a score "
    "that is not calibrated, outlines and measurements."
)
ROW = ModelRow(
    "nodules",
    "Lung nodule segmentation",
    WORDS,
    fit="doubtful",
    fit_reasons=("The spacing of 8 mm is above the 3 mm that it was made for.", WORDS, WORDS),
    fields=FIELDS,
    facts=(CardFact("Intended use", "Research."),),
    demonstration=True,
    package=PackageFacts("old-numpy", "0.1.0", "with a complete set of its own", is_own=True),
)


@pytest.mark.parametrize("width", [200, 230, 300, 420])
@pytest.mark.parametrize("unfolded", [False, True])
def test_a_card_is_never_wider_than_the_panel_and_shows_all_its_words(
    themed: QApplication, qtbot: QtBot, width: int, unfolded: bool
) -> None:
    panel = ModelsPanel()
    qtbot.addWidget(panel)
    panel.set_models((ROW, ModelRow("broken", "Broken", state="broken", report="r")))
    panel.setMinimumWidth(0)
    panel.resize(width, 500)
    panel.show()
    if unfolded:
        panel.cards["nodules"].parameters_toggle.click()
    qtbot.wait(50)
    [area] = panel.findChildren(QScrollArea)
    viewport = area.viewport()
    card = panel.cards["nodules"]
    for control in card.findChildren(QAbstractButton):
        if control.isVisible():
            left = control.mapTo(viewport, QPoint(0, 0)).x()
            assert left >= 0, control.accessibleName()
            assert left + control.width() <= viewport.width(), control.accessibleName()
    for label in card.findChildren(QLabel):
        if label.isVisible() and label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
    [verdict] = [each for each in card.findChildren(QLabel) if "Doubtful" in each.text()]
    assert verdict.text().count(WORDS) == 2, "why a result may be poor is never cut"


def test_the_panel_keeps_a_width_in_which_its_tabs_and_cards_fit(window: MainWindow) -> None:
    window.models.set_models((ROW,))
    window.resize(1024, 700)
    QApplication.processEvents()
    assert window.models.width() >= 256
