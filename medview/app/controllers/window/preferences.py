"""`Preferences`: the settings while the window lives; written whenever they change."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from medview.app.background import Background
from medview.config.schema import Settings
from medview.config.store import save_settings
from medview.view.empty_state import RecentRow


class Preferences:
    """Holds the settings of this person.

    Parameters
    ----------
    settings : Settings
    file : Path
        Where they are written.
    background : Background
    failed : callable
        Told when they cannot be written.
    """

    def __init__(
        self,
        settings: Settings,
        file: Path,
        background: Background,
        failed: Callable[[Exception], None],
    ) -> None:
        self._settings = settings
        self._file = file
        self._background = background
        self._failed = failed
        self.on_recents: Callable[[tuple[RecentRow, ...]], None] = lambda rows: None

    @property
    def settings(self) -> Settings:
        """As they are now."""
        return self._settings

    def recent_rows(self) -> tuple[RecentRow, ...]:
        """Recent items for lists: name first, then where it is."""
        return tuple(
            RecentRow(path, Path(path).name or path, str(Path(path).parent))
            for path in self._settings.recent.paths
        )

    def add_recent(self, path: Path) -> None:
        """Remember something that was opened."""
        text = str(path.absolute())
        self._change(replace(self._settings, recent=self._settings.recent.with_opened(text)))
        self.on_recents(self.recent_rows())

    def forget_recent(self, path: str) -> None:
        """Forget something that is gone."""
        self._change(replace(self._settings, recent=self._settings.recent.without(path)))
        self.on_recents(self.recent_rows())

    def take(self, settings: Settings) -> None:
        """Hold other settings from now on, and write them."""
        self._change(settings)

    def set_identifiers(self, shown: bool) -> None:
        """Whether corner text names the person."""
        reading = replace(self._settings.reading, show_identifiers=shown)
        self._change(replace(self._settings, reading=reading))

    def keep_window(self, arrangement: bytes, layout: str) -> None:
        """Remember how the window was left; written at once, since the program is ending."""
        text = base64.b64encode(arrangement).decode("ascii")
        window = replace(self._settings.window, docks=text, layout=layout)
        self._settings = replace(self._settings, window=window)
        save_settings(self._file, self._settings)

    def arrangement(self) -> bytes:
        """How the window was left; empty on the first start."""
        try:
            return base64.b64decode(self._settings.window.docks, validate=True)
        except (binascii.Error, ValueError):
            return b""

    def _change(self, settings: Settings) -> None:
        if settings == self._settings:
            return
        self._settings = settings
        self._background.start(
            "save",
            lambda task: save_settings(self._file, settings),
            done=lambda _nothing: None,
            failed=self._failed,
        )
