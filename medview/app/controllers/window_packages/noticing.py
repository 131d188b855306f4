"""`Noticing`: what was installed or removed beside the window shows when the reader comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from medview.app.background import Background
from medview.app.controllers.window_packages.shelf import Shelf

Stamp = tuple[int, int] | None


class Noticing:
    """Looks at the index of packages each time that the application becomes the active one.

    A terminal may change it while the window stays active, so it is looked at also when a run
    begins or ends, and when a package is looked at.

    Parameters
    ----------
    shelf : Shelf
    background : Background
    changed : callable
        Called on the GUI thread after the shelf was read again.
    is_busy : callable
        Whether this window itself is installing; what comes of that is shown anyway.
    """

    def __init__(
        self,
        shelf: Shelf,
        background: Background,
        *,
        changed: Callable[[], None],
        is_busy: Callable[[], bool],
    ) -> None:
        self._shelf = shelf
        self._background = background
        self._changed = changed
        self._is_busy = is_busy
        self._seen = _stamp(shelf.store.index_file)
        self._application = QGuiApplication.instance()
        if isinstance(self._application, QGuiApplication):
            self._application.applicationStateChanged.connect(self._on_state)

    def close(self) -> None:
        """Look no more."""
        if isinstance(self._application, QGuiApplication):
            self._application.applicationStateChanged.disconnect(self._on_state)
            self._application = None

    def look(self) -> None:
        """Read the packages again if their index changed; else this costs one look at a file."""
        now = _stamp(self._shelf.store.index_file)
        if now == self._seen or self._is_busy():
            return
        self._seen = now
        self._background.start(
            "models",
            lambda task: self._shelf.read(),
            done=lambda result: self._changed(),
            failed=lambda error: self._changed(),
        )

    def _on_state(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self.look()


def _stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
