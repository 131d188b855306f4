"""The study browser: what it shows, what it tells, and what it keeps while it grows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medview.view.command_item import CommandItem
from medview.view.empty_state import RecentRow
from medview.view.main_window import MainWindow
from medview.view.models.study_rows import PatientRow, SeriesRow
from medview.view.models.study_tree import THUMBNAIL_ROLE, StudyTree
from medview.view.panels.studies import ScanRow
from tests.gui.view.events import NO_KEY
from tests.gui.view.rows import PATIENT, SERIES

LEFT = Qt.MouseButton.LeftButton


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


def test_the_series_on_screen_stays_in_sight_when_the_list_gets_shorter(
    window: MainWindow, qtbot: QtBot
) -> None:
    many = tuple(SeriesRow(f"s{n}", f"Series {n}", "CT") for n in range(40))
    study = replace(PATIENT.studies[0], series=many)
    open_studies(window, replace(PATIENT, studies=(study,)))
    panel = window.studies
    view = panel.view
    window.studies.select_series("s7")
    QApplication.processEvents()
    places = {n: view.visualRect(panel.tree.index_of(f"s{n}")) for n in range(40)}
    low = max(n for n, place in places.items() if place.bottom() < view.height())
    panel.select_series(f"s{low}")
    QApplication.processEvents()
    tall = view.height()
    panel.set_recents(tuple(RecentRow(f"/{n}", f"folder {n}", "/") for n in range(5)))
    qtbot.waitUntil(lambda: view.height() < tall - places[low].height(), timeout=20_000)
    place = view.visualRect(panel.tree.index_of(f"s{low}"))
    assert place.top() >= 0
    assert place.bottom() <= view.viewport().height()
