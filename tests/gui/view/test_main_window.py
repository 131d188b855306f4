"""The window: commands, palette, drops, closing, docks, layouts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from medview.view.command_item import CommandItem
from medview.view.command_palette import PaletteEntry, match_rank
from medview.view.main_window import CloseRequest, MainWindow
from medview.view.panels.jobs import JobRow
from tests.gui.view.events import NO_KEY

LEFT = Qt.MouseButton.LeftButton


def commands(done: list[str], window: MainWindow) -> tuple[CommandItem, ...]:
    def note(word: str) -> Callable[[], None]:
        return lambda: done.append(word)

    return (
        CommandItem("file.open", "Open folder", note("open"), ("File",), ("Ctrl+O",), "open"),
        CommandItem("tool.window", "Window", note("window"), ("Tools",), ("W",), "window-level",
                    checkable=True, checked=True, group="tool", in_tool_bar=True),
        CommandItem("tool.pan", "Pan", note("pan"), ("Tools",), ("T",), "pan",
                    checkable=True, group="tool", in_tool_bar=True),
        CommandItem("wl.lung", "Lung", note("lung"), ("View", "Presets"), ("2",),
                    tool_menu="tool.window"),
        CommandItem("search", "Search", window.open_palette, ("View",), ("Ctrl+K",)),
        CommandItem("never", "Never", note("never"), ("View",), ("X",), enabled=False),
    )  # fmt: skip


@pytest.fixture
def done(window: MainWindow) -> list[str]:
    told: list[str] = []
    window.set_commands(commands(told, window))
    window.activateWindow()
    return told


def test_a_key_runs_its_command(window: MainWindow, done: list[str]) -> None:
    QTest.keyClick(window, Qt.Key.Key_2)
    assert done == ["lung"]


def test_a_disabled_command_has_a_dead_key(window: MainWindow, done: list[str]) -> None:
    QTest.keyClick(window, Qt.Key.Key_X)
    assert done == []


def test_keys_work_after_a_click_on_any_tool_button(window: MainWindow, done: list[str]) -> None:
    button = next(b for b in window.findChildren(QToolButton) if b.accessibleName() == "Pan")
    QTest.mouseClick(button, LEFT)
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_2)
    assert done == ["pan", "lung"]


def test_tools_of_one_group_exclude_each_other(window: MainWindow, done: list[str]) -> None:
    window.commands.action("tool.pan").trigger()
    assert not window.commands.action("tool.window").isChecked()
    window.set_command_checked("tool.window", True)
    assert not window.commands.action("tool.pan").isChecked()
    assert done == ["pan"]


def test_menus_follow_the_paths_in_their_usual_order(window: MainWindow, done: list[str]) -> None:
    names = [action.text() for action in window.menuBar().actions()]
    assert names == ["&File", "&View", "&Tools"]
    presets = window.commands.menu(("View", "Presets"))
    assert [action.text() for action in presets.actions()] == ["Lung"]


def test_a_tool_button_offers_its_menu(window: MainWindow, done: list[str]) -> None:
    button = next(b for b in window.findChildren(QToolButton) if b.accessibleName() == "Window")
    menu = button.menu()
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["Lung"]


def test_two_commands_on_one_key_are_refused(window: MainWindow) -> None:
    def nothing() -> None: ...

    pair = (
        CommandItem("a", "A", nothing, shortcuts=("Q",)),
        CommandItem("b", "B", nothing, shortcuts=("Q",)),
    )
    with pytest.raises(ValueError, match="share the key Q"):
        window.set_commands(pair)


def test_the_palette_finds_and_runs_by_a_few_letters(window: MainWindow, done: list[str]) -> None:
    window.open_palette()
    box = window.palette_box
    QTest.keyClicks(box.input, "lu")
    assert box.list.item(0).text() == "Lung"
    QTest.keyClick(box.input, Qt.Key.Key_Return)
    assert done == ["lung"]
    assert not box.isVisible()


def test_arrows_move_in_the_palette_while_typing(window: MainWindow, done: list[str]) -> None:
    window.set_search_entries((PaletteEntry("Lung nodule 1", lambda: done.append("nodule")),))
    window.open_palette()
    box = window.palette_box
    QTest.keyClicks(box.input, "lung")
    QTest.keyClick(box.input, Qt.Key.Key_Down)
    QTest.keyClick(box.input, Qt.Key.Key_Return)
    assert done == ["nodule"]


def test_the_palette_shows_but_never_runs_what_is_disabled(
    window: MainWindow, done: list[str]
) -> None:
    window.open_palette()
    QTest.keyClicks(window.palette_box.input, "never")
    assert window.palette_box.list.count() == 1
    QTest.keyClick(window.palette_box.input, Qt.Key.Key_Return)
    assert done == []
    window.palette_box.hide()


def test_the_start_of_a_word_ranks_before_its_middle_and_scattered_letters_last() -> None:
    texts = ("Window: Lung", "Plunge", "Layout unusual g")
    ranks = [match_rank("lung", text) for text in texts]
    assert None not in ranks
    assert ranks == sorted(ranks, key=lambda rank: rank or (9, 9))


def drop(window: MainWindow, data: QMimeData) -> None:
    position, action = QPoint(300, 300), Qt.DropAction.CopyAction
    enter = QDragEnterEvent(position, action, data, LEFT, NO_KEY)
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        assert window.viewer.empty.is_hot
        QApplication.sendEvent(window, QDropEvent(QPointF(position), action, data, LEFT, NO_KEY))


def test_dropped_files_and_folders_are_told_as_paths(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path)), QUrl.fromLocalFile("/x/räume 1.nii.gz")])
    with qtbot.waitSignal(window.paths_dropped) as told:
        drop(window, data)
    assert told.args == [(tmp_path, Path("/x/räume 1.nii.gz"))]
    assert not window.viewer.empty.is_hot


def test_dropped_text_and_web_addresses_are_refused(window: MainWindow, qtbot: QtBot) -> None:
    text, address = QMimeData(), QMimeData()
    text.setText("/etc")
    address.setUrls([QUrl("https://example.org/x.dcm")])
    with qtbot.assertNotEmitted(window.paths_dropped):
        drop(window, text)
        drop(window, address)


def test_closing_can_be_vetoed(window: MainWindow) -> None:
    window.closing.connect(CloseRequest.veto)
    assert not window.close()
    assert window.isVisible()
    window.closing.disconnect(CloseRequest.veto)
    assert window.close()
    assert not window.isVisible()


def test_a_layout_comes_back_as_it_was_saved(window: MainWindow) -> None:
    window.toggle_left()
    saved = window.save_layout()
    window.toggle_left()
    assert window.studies_dock.isVisible()
    assert window.restore_layout(saved)
    assert not window.studies_dock.isVisible()
    window.reset_layout()
    assert window.studies_dock.isVisible()


@pytest.mark.parametrize("damaged", [b"", b"rubbish", bytes(400)])
def test_a_damaged_layout_changes_nothing(window: MainWindow, damaged: bytes) -> None:
    before = window.save_layout()
    assert not window.restore_layout(damaged)
    assert window.save_layout() == before


def test_the_right_docks_come_and_go_together(window: MainWindow) -> None:
    window.toggle_right()
    assert not window.models_dock.isVisible()
    assert not window.findings_dock.isVisible()
    window.toggle_right()
    assert window.models_dock.isVisible()


def test_a_double_click_maximises_a_view_and_the_next_brings_all_back(window: MainWindow) -> None:
    viewer = window.viewer
    viewer.show_panes()
    QTest.mouseDClick(viewer.coronal, LEFT, NO_KEY, QPoint(50, 50))
    assert viewer.current_layout.value == "coronal"
    assert [name for name, pane in viewer.panes.items() if pane.isVisible()] == ["coronal"]
    QApplication.processEvents()
    assert viewer.coronal.width() > 0.95 * viewer.width()
    QTest.mouseDClick(viewer.coronal, LEFT, NO_KEY, QPoint(50, 50))
    assert viewer.current_layout.value == "four-up"
    assert all(pane.isVisible() for pane in viewer.panes.values())


def test_a_click_makes_a_pane_active_and_tab_order_goes_round(
    window: MainWindow, qtbot: QtBot
) -> None:
    viewer = window.viewer
    viewer.show_panes()
    with qtbot.waitSignal(viewer.active_changed) as told:
        QTest.mouseClick(viewer.sagittal, LEFT, NO_KEY, QPoint(50, 50))
    assert told.args == ["sagittal"]
    for expected in ("volume", "axial", "coronal"):
        viewer.next_pane()
        assert viewer.active == expected


def test_the_views_do_not_move_when_a_job_starts(window: MainWindow) -> None:
    window.viewer.show_panes()
    QApplication.processEvents()
    before = window.viewer.geometry()
    window.jobs.set_jobs((JobRow("1", "Lung segmentation", "running", 0.4, "window 3 of 9"),))
    QApplication.processEvents()
    assert window.viewer.geometry() == before


@pytest.mark.parametrize("size", [(1280, 800), (1600, 1000), (960, 640)])
def test_the_window_fits_the_size_it_is_given(window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    QApplication.processEvents()
    assert (window.width(), window.height()) == size
    assert window.viewer.width() >= 0.4 * size[0]


def test_a_toast_can_be_clicked_and_goes_away(window: MainWindow) -> None:
    told: list[str] = []
    window.toasts.show_toast("Done: 5.2 l", action="Show", on_action=lambda: told.append("show"))
    QApplication.processEvents()
    (toast,) = window.toasts.toasts()
    assert window.viewer.rect().contains(window.toasts.geometry())
    QTest.mouseClick(toast, LEFT, NO_KEY, QPoint(60, 10))
    assert told == ["show"]
    assert window.toasts.toasts() == ()
    assert not window.toasts.isVisible()


def test_a_toast_disappears_by_itself(window: MainWindow, qtbot: QtBot) -> None:
    window.toasts.show_toast("Saved", seconds=0.05)
    qtbot.waitUntil(lambda: not window.toasts.toasts())


def test_at_most_three_toasts_are_shown(window: MainWindow) -> None:
    for number in range(5):
        window.toasts.show_toast(f"Note {number}", seconds=0)
    assert [toast.text.text() for toast in window.toasts.toasts()] == ["Note 2", "Note 3", "Note 4"]
