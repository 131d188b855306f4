"""Panels: what they show, what they tell, and that they keep what the reader does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from medview.view.command_item import CommandItem
from medview.view.dialogs.about import About
from medview.view.dialogs.error_report import ErrorReport
from medview.view.dialogs.series_question import SeriesQuestion
from medview.view.forms.field import FieldRow
from medview.view.forms.form import ParameterForm
from medview.view.main_window import MainWindow
from medview.view.models.study_rows import PatientRow, SeriesRow, StudyRow
from medview.view.models.study_tree import THUMBNAIL_ROLE, StudyTree
from medview.view.panels.finding_rows import (
    DetectionRow,
    LabelRow,
    MeasureRow,
    RunRow,
    SectionRow,
)
from medview.view.panels.jobs import JobRow, JobsBar, time_left
from medview.view.panels.layers import LayerRow
from medview.view.panels.model_rows import CardFact, ModelRow
from medview.view.panels.studies import ScanRow
from tests.gui.view.events import NO_KEY

LEFT = Qt.MouseButton.LeftButton

SERIES = (
    SeriesRow("a", "2  Lung", "CT  400 x 512 x 512"),
    SeriesRow(
        "b", "3  Soft", "CT  120 x 512 x 512", mark="repaired", mark_text="Tilt sheared out."
    ),
    SeriesRow("r", "99  Report", "SR", openable=False),
)
PATIENT = PatientRow("p", "Doe^Jane", "1971", (StudyRow("s", "2026-01-03 CT", "", SERIES),))


def open_studies(window: MainWindow, *rows: PatientRow) -> None:
    window.studies.set_patients(rows or (PATIENT,))
    QApplication.processEvents()


def click(window: MainWindow, row_id: str, *, double: bool = False) -> None:
    view = window.studies.view
    where = view.visualRect(window.studies.tree.index_of(row_id)).center()
    QTest.mouseClick(view.viewport(), LEFT, NO_KEY, where)
    if double:
        QTest.mouseDClick(view.viewport(), LEFT, NO_KEY, where)


def test_a_click_selects_a_series_and_a_double_click_opens_it_once(
    window: MainWindow, qtbot: QtBot
) -> None:
    open_studies(window)
    chosen: list[str] = []
    window.studies.series_chosen.connect(chosen.append)
    with qtbot.waitSignal(window.studies.series_selected) as told:
        click(window, "b")
    assert told.args == ["b"]
    assert chosen == []
    click(window, "b", double=True)
    assert chosen == ["b"]


def test_tab_and_keys_reach_and_open_a_series(window: MainWindow, qtbot: QtBot) -> None:
    window.set_commands((CommandItem("up", "Up", lambda: pytest.fail("taken"), shortcuts=("Up",)),))
    open_studies(window)
    window.studies.select_series("b")
    window.studies.view.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(window.studies.view, Qt.Key.Key_Up)
    with qtbot.waitSignal(window.studies.series_chosen) as told:
        QTest.keyClick(window.studies.view, Qt.Key.Key_Return)
    assert told.args == ["a"]


def test_a_document_cannot_be_opened(window: MainWindow, qtbot: QtBot) -> None:
    open_studies(window)
    with qtbot.assertNotEmitted(window.studies.series_chosen):
        click(window, "r", double=True)


def test_a_click_into_the_list_leaves_the_keyboard_with_the_views(window: MainWindow) -> None:
    open_studies(window)
    window.viewer.show_panes()
    click(window, "a")
    assert window.viewer.axial.hasFocus()


def test_the_tree_keeps_its_promises_to_qt_while_it_grows_and_shrinks(qtbot: QtBot) -> None:
    tree = StudyTree()
    tester = QAbstractItemModelTester(tree, QAbstractItemModelTester.FailureReportingMode.Fatal)
    study = PATIENT.studies[0]
    steps = (
        (PatientRow("p", "Doe^Jane", "", (replace(study, series=SERIES[:1]),)),),
        (PATIENT,),
        (PatientRow("q", "Roe"), PATIENT),
        (PATIENT, PatientRow("q", "Roe")),
        (replace(PATIENT, studies=(replace(study, series=SERIES[::-1]),)),),
        (),
    )
    for rows in steps:
        tree.set_patients(rows)
        shown = tuple(tree.data(tree.index(i, 0)) for i in range(tree.rowCount()))
        assert shown == tuple(row.title for row in rows)
    tester.deleteLater()
    tree.deleteLater()


def test_a_branch_opens_by_itself_and_one_that_was_closed_stays_closed(window: MainWindow) -> None:
    open_studies(window)
    view, tree = window.studies.view, window.studies.tree
    assert view.isExpanded(tree.index_of("p"))
    assert view.isExpanded(tree.index_of("s"))
    view.collapse(tree.index_of("s"))
    grown = replace(PATIENT.studies[0], series=(*SERIES, SeriesRow("z", "7  Late")))
    open_studies(window, replace(PATIENT, studies=(grown,)))
    assert not view.isExpanded(tree.index_of("s"))


def test_the_selection_survives_a_growing_list(window: MainWindow) -> None:
    open_studies(window)
    window.studies.select_series("b")
    extra = SeriesRow("0", "1  Scout")
    grown = replace(PATIENT.studies[0], series=(extra, *SERIES))
    open_studies(window, replace(PATIENT, studies=(grown,)))
    assert window.studies.view.currentIndex().data() == "3  Soft"


def test_thumbnails_are_asked_for_once_and_shown(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.studies.thumbnails_wanted) as told:
        open_studies(window)
    assert told.args == [("a", "b")]
    with qtbot.assertNotEmitted(window.studies.thumbnails_wanted, wait=150):
        open_studies(window)
    rgb = np.zeros((8, 16, 3), np.uint8)
    rgb[:, 8:] = (0, 255, 0)
    window.studies.set_thumbnail("a", rgb)
    image = window.studies.tree.index_of("a").data(THUMBNAIL_ROLE)
    assert image.pixelColor(3, 4).getRgb()[:3] == (0, 0, 0)
    assert image.pixelColor(12, 4).getRgb()[:3] == (0, 255, 0)


def test_a_scan_can_be_cancelled(window: MainWindow, qtbot: QtBot) -> None:
    window.studies.set_scan(ScanRow("Reading 12 of 300 files", 0.04))
    QApplication.processEvents()
    with qtbot.waitSignal(window.studies.scan_cancel_requested):
        QTest.mouseClick(window.studies.scan_cancel, LEFT)
    window.studies.set_scan(None)
    assert not window.studies.scan_cancel.isVisible()


FIELDS = (
    FieldRow("closing", "float", 10.0, "Closing", unit="mm", low=0, high=30),
    FieldRow("steps", "int", 3, "Steps", low=1, high=9),
    FieldRow("method", "choice", "fused", "Method", choices=("classical", "fused")),
    FieldRow("airways", "bool", True, "Airways"),
    FieldRow("note", "text", "", "Note"),
)


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


def findings(visible: bool = True, opacity: float = 0.35) -> RunRow:
    labels = (
        LabelRow(1, "right lung", (90, 160, 230), "2812 ml"),
        LabelRow(2, "left lung", (9, 9, 9)),
    )
    things = tuple(DetectionRow(f"d{i}", f"Nodule {i}", 0.9 - i / 10, "6 mm") for i in range(3))
    return RunRow(
        "run",
        "Lung segmentation",
        "0.1.0  cpu  14 s",
        warnings=("The lungs are cut by the field of view.",),
        sections=(
            SectionRow("mask", "Lungs", labels=labels, visible=visible, opacity=opacity),
            SectionRow("boxes", "Nodules", detections=things, threshold=0.3),
            SectionRow("", "Numbers", measures=(MeasureRow("Density", "-812 HU"),)),
        ),
    )


def test_labels_and_layers_are_switched_by_their_boxes(window: MainWindow, qtbot: QtBot) -> None:
    window.findings.set_runs((findings(),))
    boxes = {box.accessibleName(): box for box in window.findings.findChildren(QCheckBox)}
    with qtbot.waitSignal(window.findings.label_visibility_changed) as told:
        boxes["Show left lung"].click()
    assert told.args == ["mask", 2, False]
    with qtbot.waitSignal(window.findings.layer_visibility_changed) as told:
        boxes["Show Lungs"].click()
    assert told.args == ["mask", False]
    assert "Show Numbers" not in boxes


def test_setters_tell_nothing_back_and_keep_the_slider_in_the_hand(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.findings.set_runs((findings(),))
    panel = window.findings
    slider = next(
        s for s in panel.findChildren(QSlider) if s.accessibleName() == "Opacity of Lungs"
    )
    with (
        qtbot.assertNotEmitted(panel.opacity_changed),
        qtbot.assertNotEmitted(panel.layer_visibility_changed),
    ):
        panel.set_runs((findings(visible=False, opacity=0.6),))
    assert slider.value() == 60
    with qtbot.waitSignal(panel.opacity_changed) as told:
        slider.setValue(20)
    assert told.args == ["mask", 0.2]


def test_next_and_previous_go_round_the_detections(window: MainWindow, qtbot: QtBot) -> None:
    run = findings()
    panel = window.findings
    panel.set_runs((run,))
    for by, expected in ((1, "d0"), (-1, "d2"), (1, "d0"), (1, "d1")):
        with qtbot.waitSignal(panel.detection_chosen) as told:
            panel.step_detection(by)
        assert told.args == ["boxes", expected]
        boxes = run.sections[1]
        marked = tuple(replace(d, selected=d.id == expected) for d in boxes.detections)
        run = replace(
            run, sections=(run.sections[0], replace(boxes, detections=marked), run.sections[2])
        )
        panel.set_runs((run,))


def test_findings_of_another_run_replace_the_widgets(window: MainWindow) -> None:
    window.findings.set_runs((findings(),))
    window.findings.set_runs((replace(findings(), id="second"),))
    QApplication.processEvents()
    assert list(window.findings.cards) == ["second"]
    window.findings.set_runs(())
    assert window.findings.cards == {}


def test_layers_tell_their_own_id(window: MainWindow, qtbot: QtBot) -> None:
    rows = (LayerRow("one", "Lungs"), LayerRow("two", "Heat", opacity=0.5))
    window.layers.set_layers(rows)
    boxes = {box.accessibleName(): box for box in window.layers.findChildren(QCheckBox)}
    with qtbot.waitSignal(window.layers.visibility_changed) as told:
        boxes["Show Heat"].click()
    assert told.args == ["two", False]


def test_the_jobs_bar_names_stage_fraction_and_time_left(
    themed: QApplication, qtbot: QtBot
) -> None:
    bar = JobsBar()
    qtbot.addWidget(bar)
    bar.resize(800, 30)
    bar.show()
    row = JobRow("1", "Lung", "running", 0.62, "window 31 of 50", "GPU 2.1 GB", 12.0)
    bar.set_jobs((row, JobRow("2", "Nodules", "queued")))
    texts = " | ".join(label.text() for label in bar.findChildren(QLabel) if label.isVisible())
    assert "Lung | 62 % | window 31 of 50   GPU 2.1 GB   about 12 s left" in texts
    with qtbot.waitSignal(bar.cancel_requested) as told:
        QTest.mouseClick(bar.cancel_button, LEFT)
    assert told.args == ["1"]
    bar.set_jobs((replace(row, state="cancelling"),))
    assert not bar.cancel_button.isEnabled()
    bar.set_jobs(())
    assert not bar.cancel_button.isVisible()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (0.2, "about 1 s left"), (59, "about 59 s left"), (150, "about 2 min left")],
)
def test_time_left_is_said_as_coarsely_as_it_is_known(seconds: float | None, words: str) -> None:
    assert time_left(seconds) == words


def test_an_error_report_is_copied_whole(themed: QApplication, qtbot: QtBot) -> None:
    report = ErrorReport("Lung segmentation failed", "It broke. Try again.", "line 1\nline 2")
    qtbot.addWidget(report)
    report.show()
    assert not report.isModal()
    assert not report.details.isVisible()
    QTest.mouseClick(report.details_button, LEFT)
    assert report.details.isVisible()
    QTest.mouseClick(report.copy_button, LEFT)
    copied = QGuiApplication.clipboard().text()
    assert copied == "Lung segmentation failed\nIt broke. Try again.\n\nline 1\nline 2\n"
    QGuiApplication.clipboard().clear()


def test_a_question_is_answered_once(themed: QApplication, qtbot: QtBot) -> None:
    question = SeriesQuestion("Hounsfield units?", (("yes", "Yes"), ("no", "No")))
    qtbot.addWidget(question)
    question.show()
    answers: list[str] = []
    question.answered.connect(answers.append)
    QTest.mouseClick(question.buttons["no"], LEFT)
    QTest.mouseClick(question.buttons["yes"], LEFT)
    assert answers == ["no"]


def test_about_says_that_it_is_not_cleared_for_diagnosis(
    themed: QApplication, qtbot: QtBot
) -> None:
    about = About("0.1.0", (("Qt", "6"),))
    qtbot.addWidget(about)
    assert any("not cleared for diagnosis" in each.text() for each in about.findChildren(QLabel))


def test_names_with_ampersands_and_markup_are_shown_as_they_are(window: MainWindow) -> None:
    window.models.set_models((ModelRow("m", "<b>A & B</b>"),))
    label = next(x for x in window.models.cards["m"].findChildren(QLabel) if "A & B" in x.text())
    assert label.textFormat() == Qt.TextFormat.PlainText


def test_waiting_jobs_open_in_a_list_and_each_can_be_cancelled(
    themed: QApplication, qtbot: QtBot
) -> None:
    bar = JobsBar()
    qtbot.addWidget(bar)
    bar.resize(800, 30)
    bar.show()
    bar.set_jobs((JobRow("1", "Lung"), JobRow("2", "Nodules", "queued")))
    QTest.mouseClick(bar.more_button, LEFT)
    cancels = [b for b in bar.job_list.findChildren(QPushButton) if b.text() == "Cancel"]
    with qtbot.waitSignal(bar.cancel_requested) as told:
        QTest.mouseClick(cancels[1], LEFT)
    assert told.args == ["2"]
    bar.set_jobs(())
    assert not bar.job_list.isVisible()


def test_no_word_on_a_button_is_clipped_in_the_smallest_window(window: MainWindow) -> None:
    window.resize(1280, 800)
    open_studies(window)
    reasons = ("Slices are 5 mm apart, and the model was made for 2.5 mm and less.",)
    window.models.set_models(
        (
            ModelRow("a", "Lung nodules", fit="doubtful", fit_reasons=reasons, fields=FIELDS),
            ModelRow("b", "Broken", state="broken", report="x", facts=(CardFact("A", "B"),)),
        )
    )
    window.findings.set_runs((findings(),))
    QApplication.processEvents()
    clipped = [
        button.text()
        for button in window.findChildren(QPushButton)
        if button.isVisible() and button.width() < button.sizeHint().width()
    ]
    assert clipped == []
    for card in window.models.cards.values():
        assert card.visibleRegion().boundingRect().width() == card.width()
