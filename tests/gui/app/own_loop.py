"""A whole window in a process of its own, whose event loop the measuring script turns itself."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from medview.app import bootstrap
from medview.app.controllers.models import LiveCatalogue
from medview.app.wiring import Desk, Surroundings
from medview.config.paths import find_folders
from medview.config.redact import Redactor
from medview.config.schema import Settings
from medview.view.theme import apply_theme, load_theme

_PATIENCE_S = 900.0
"""Above every limit that the tests set these scripts."""


def show_window(catalogue: LiveCatalogue) -> tuple[QApplication, Desk]:
    """The application and its window, as a reader would have them, with nothing open."""
    bootstrap.keep_turns_short()
    application = QApplication([])
    apply_theme(application, load_theme("dark"))
    desk = Desk(Surroundings(find_folders(), Settings(), catalogue, Redactor()))
    desk.views.make()
    desk.window.show()
    bootstrap.set_program_aside()
    application.processEvents()
    desk.start([])
    return application, desk


def wait(application: QApplication, until: Callable[[], bool]) -> None:
    """Turn the event loop until something is so; `TimeoutError` if it never is."""
    latest = time.monotonic() + _PATIENCE_S
    while not until():
        application.processEvents()
        time.sleep(0.002)
        if time.monotonic() > latest:
            raise TimeoutError


def rest(application: QApplication, seconds: float) -> None:
    """Turn the event loop for a while."""
    over = time.monotonic() + seconds
    wait(application, lambda: time.monotonic() > over)


def end(desk: Desk) -> None:
    """Close the window; nothing of it may stay behind."""
    desk.window.close()
    left = desk.close()
    assert left == (), left
