"""A window in the dark theme."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medview.view.main_window import MainWindow
from medview.view.theme import apply_theme, load_theme


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[QApplication]:
    before = qapp.styleSheet()
    apply_theme(qapp, load_theme("dark"))
    yield qapp
    qapp.setStyleSheet(before)


@pytest.fixture
def window(themed: QApplication, qtbot: QtBot) -> MainWindow:
    made = MainWindow()
    qtbot.addWidget(made)
    made.resize(1280, 800)
    with qtbot.waitExposed(made):
        made.show()
    return made
