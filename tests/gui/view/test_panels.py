"""Findings, layers, jobs and dialogs: what they show, tell and keep."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from medview.view.dialogs.about import About
from medview.view.dialogs.error_report import ErrorReport
from medview.view.dialogs.series_question import SeriesQuestion
from medview.view.main_window import MainWindow
from medview.view.panels.jobs import JobRow, JobsBar, time_left
from medview.view.panels.layers import LayerRow
from medview.view.panels.model_rows import CardFact, ModelRow
from tests.gui.view.rows import FIELDS, PATIENT, findings

LEFT = Qt.MouseButton.LeftButton


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


def test_a_click_on_a_structure_or_enter_leads_there(window: MainWindow, qtbot: QtBot) -> None:
    window.findings.set_runs((findings(),))
    [card] = window.findings.cards.values()
    names = next(s._labels for s in card._sections if s._labels is not None).names
    with qtbot.waitSignal(window.findings.label_chosen) as told:
        QTest.mouseClick(names[2], Qt.MouseButton.LeftButton)
    assert told.args == [findings().sections[0].layer_id, 2]
    names[1].setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(window.findings.label_chosen) as told:
        QTest.keyClick(names[1], Qt.Key.Key_Return)
    assert told.args[1] == 1


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
    assert report.windowTitle() == "Lung segmentation failed"
    assert report.details.isVisible()
    assert "Details" not in [each.text() for each in report.findChildren(QPushButton)]
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
    window.studies.set_patients((PATIENT,))
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
