"""Opens the window and returns the exit code; everything heavy waits for the first paint."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from medview.app import bootstrap
from medview.config.log import logging_to
from medview.config.paths import Folders, find_folders
from medview.config.redact import Redactor, redactor_for_this_user
from medview.config.store import Loaded, load_settings
from medview.core.scene.layout import Layout

_SIGNAL_TICK_MS = 250
_INTERRUPTED = 130

_log = logging.getLogger(__name__)


def run(paths: Sequence[Path], sample: bool = False, safe_mode: bool = False) -> int:
    """Open the window and stay until it is closed.

    Parameters
    ----------
    paths : sequence of Path
        To open: files, folders, DICOMDIR or zip.
    sample : bool
        Open the embedded sample study.
    safe_mode : bool
        Start without any model.

    Returns
    -------
    int
        Exit code.

    Raises
    ------
    UsageError
        If no window can be opened here.
    """
    folders = find_folders()
    bootstrap.prepare(folders.logs)
    redactor = redactor_for_this_user()
    loaded = load_settings(folders.settings_file)
    with logging_to(folders.logs, redactor):
        code, left = _run_window(paths, sample, safe_mode, folders, redactor, loaded)
    if left:
        # A thread that ignores cancel would be waited for until it ends, perhaps for ever.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def _run_window(
    paths: Sequence[Path],
    sample: bool,
    safe_mode: bool,
    folders: Folders,
    redactor: Redactor,
    loaded: Loaded,
) -> tuple[int, tuple[str, ...]]:
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from medview.app.controllers.models import open_catalogue
    from medview.app.theme_choice import show_theme
    from medview.app.wiring import Desk, Surroundings

    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(["medview"])
    application.setApplicationName("medview")
    application.setApplicationDisplayName("medview")
    settings = loaded.settings
    show_theme(application, settings.window.theme)
    catalogue = open_catalogue(
        os.environ,
        disabled=frozenset(settings.models.disabled),
        safe_mode=safe_mode,
        network=frozenset(settings.models.network),
    )
    desk = Desk(Surroundings(folders, settings, catalogue, redactor))
    application.styleHints().colorSchemeChanged.connect(lambda _scheme: _follow_system(desk))
    _report_defects(desk)
    interrupted = _close_on_interrupt(desk)
    arrangement = desk.preferences.arrangement()
    if arrangement:
        desk.window.restore_layout(arrangement)
    desk.window.viewer.set_layout(_layout_named(settings.window.layout))
    for notice in loaded.notices:
        desk.notices.tell(notice.message)
    desk.window.closing.connect(lambda _request: _keep_window(desk))
    # Before the first paint: imports of VTK hold the interpreter and would stop the first input.
    desk.views.make()
    desk.window.show()
    bootstrap.set_program_aside()
    QTimer.singleShot(0, lambda: desk.start(paths, sample=sample))
    tick = QTimer()
    # Python looks at signals only while it runs.
    tick.timeout.connect(lambda: None)
    tick.start(_SIGNAL_TICK_MS)
    code = application.exec()
    tick.stop()
    left = desk.close()
    sys.excepthook = sys.__excepthook__
    return (_INTERRUPTED if interrupted else code), left


def _follow_system(desk: object) -> None:
    from PySide6.QtWidgets import QApplication

    from medview.app.theme_choice import show_theme
    from medview.app.wiring import Desk

    assert isinstance(desk, Desk)
    application = QApplication.instance()
    theme = desk.preferences.settings.window.theme
    if theme == "system" and isinstance(application, QApplication):
        show_theme(application, theme)


def _layout_named(name: str) -> Layout:
    try:
        return Layout(name)
    except ValueError:
        # Settings of another version may name an arrangement that this one lacks.
        return Layout.FOUR_UP


def _keep_window(desk: object) -> None:
    from medview.app.wiring import Desk
    from medview.core.errors import MedviewError

    assert isinstance(desk, Desk)
    try:
        desk.preferences.keep_window(
            desk.window.save_layout(), desk.window.viewer.current_layout.value
        )
    except MedviewError as error:
        _log.warning("The window's arrangement was not kept: %s", error.code)


def _report_defects(desk: object) -> None:
    """Show what no one caught, instead of leaving it to a console that nobody sees."""
    from medview.app.wiring import Desk

    assert isinstance(desk, Desk)

    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        _log.error("A defect reached the event loop", exc_info=(kind, error, trace))
        desk.notices.failed("The last step", error)

    sys.excepthook = report


def _close_on_interrupt(desk: object) -> list[int]:
    from medview.app.wiring import Desk

    assert isinstance(desk, Desk)
    got: list[int] = []

    def close(number: int, frame: object) -> None:
        got.append(number)
        desk.window.close()

    signal.signal(signal.SIGINT, close)
    # What ends a session or a service; the same clean end, so that nothing is left half written.
    signal.signal(signal.SIGTERM, close)
    return got
