"""`WindowActs`: what menus ask for that opens a dialog or joins several controllers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from medview import __version__
from medview.app.commands.key_list import key_sections
from medview.app.controllers.window import asking
from medview.app.controllers.window.loading import Loader
from medview.app.controllers.window.notices import Notices
from medview.app.controllers.window.opening import Opener
from medview.app.controllers.window.preferences import Preferences
from medview.app.library import Library
from medview.app.session import Session
from medview.view.command_item import CommandItem
from medview.view.dialogs.about import About
from medview.view.dialogs.keys import Keys
from medview.view.main_window import MainWindow


class WindowActs:
    """Carries them out.

    Parameters
    ----------
    window : MainWindow
    session : Session
    library : Library
    preferences : Preferences
    opener : Opener
    loader : Loader
    notices : Notices
    """

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        library: Library,
        preferences: Preferences,
        opener: Opener,
        loader: Loader,
        notices: Notices,
    ) -> None:
        self._window = window
        self._session = session
        self._library = library
        self._preferences = preferences
        self._opener = opener
        self._loader = loader
        self._notices = notices
        self.items: Callable[[], tuple[CommandItem, ...]] = lambda: ()

    def ask_folder(self) -> None:
        """Let the reader choose a folder, and open it."""
        folder = asking.ask_folder(self._window, self._start_folder())
        if folder is not None:
            self._opener.open([folder])

    def ask_files(self) -> None:
        """Let the reader choose files, and open them."""
        files = asking.ask_files(self._window, self._start_folder())
        if files:
            self._opener.open(files)

    def save_picture(self) -> None:
        """Save what the views show."""
        path = asking.ask_picture_file(self._window)
        if path is None:
            return
        if self._window.viewer.grab_views().save(str(path), "PNG"):
            self._notices.done(f"Picture saved as '{path.name}'")
        else:
            self._notices.tell(f"'{path.name}' could not be written. Choose another folder.")

    def close_all(self) -> None:
        """Close every series, and forget what could be undone."""
        self._loader.close_all()
        self._library.clear()
        self._session.undo.clear()

    def leave(self) -> None:
        """Close the window."""
        self._window.close()

    def step_series(self, step: int) -> None:
        """Show the next or the previous series of the list."""
        uid = self._library.neighbour(self._loader.wanted, step)
        if uid is not None:
            self._loader.show(uid)

    def show_about(self) -> None:
        """Tell name and version."""
        About(__version__, (), self._window).show()

    def show_keys(self) -> None:
        """List mouse and keys."""
        Keys(key_sections(self.items()), self._window).show()

    def _start_folder(self) -> Path | None:
        recent = self._preferences.settings.recent.paths
        return Path(recent[0]).parent if recent else None
