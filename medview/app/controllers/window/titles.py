"""`Titles`: the window's title and what the search finds, from what is open."""

from __future__ import annotations

from collections.abc import Callable

from medview.app.controllers.window.studies import person, series_detail, series_title
from medview.app.library import Library
from medview.app.session import Session
from medview.core.scene.scene import OpenSource
from medview.view.command_palette import PaletteEntry
from medview.view.main_window import MainWindow


class Titles:
    """Names what is open.

    Parameters
    ----------
    window : MainWindow
    session : Session
    library : Library
    choose : callable
        Shows a series by its UID.
    """

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        library: Library,
        choose: Callable[[str], None],
    ) -> None:
        self._window = window
        self._library = library
        self._choose = choose
        session.scene.active_changed.connect(self._on_active)
        library.changed.connect(self._on_library)

    def _on_active(self, source: OpenSource | None) -> None:
        # Without a name: titles end up in task bars and screen recordings.
        self._window.set_title(series_title(source.series) if source is not None else "")

    def _on_library(self) -> None:
        self._window.set_search_entries(
            tuple(
                PaletteEntry(
                    title=series_title(series),
                    run=lambda uid=series.uid: self._choose(uid),  # type: ignore[misc]
                    detail=f"{person(study.patient)}  {series_detail(series)}".strip(),
                    icon="series",
                    enabled=series.kind != "document",
                )
                for study in self._library.studies
                for series in study.series
            )
        )
