"""`Offering`: from what was chosen or dropped, over the terms that are shown, to a yes or no."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QWidget

from medview.app.background import Background, Task
from medview.app.controllers.packages.install import places_for
from medview.app.controllers.packages.taken import models_of_others
from medview.app.controllers.window.activity import Activity
from medview.app.controllers.window.notices import Notices
from medview.app.controllers.window_packages.consent_rows import consent_rows
from medview.app.controllers.window_packages.failure import report_of_failure
from medview.app.controllers.window_packages.looking import Look
from medview.app.controllers.window_packages.news import only_news
from medview.app.controllers.window_packages.shelf import Shelf
from medview.core.errors import MedviewError
from medview.host.packages.installer import Prepared
from medview.host.packages.places import Places
from medview.host.packages.records import Package
from medview.host.packages.sources import Source
from medview.jobs.outcome import Report
from medview.view.dialogs.consent import ConsentDialog, ConsentRows
from medview.view.dialogs.install_source import InstallSource


class Agreed(Protocol):
    """Installs what was agreed to, and closes the look when it is done with it."""

    def __call__(self, look: Look, chosen: Prepared, title: str) -> None:
        """Begin."""


@dataclass(frozen=True, slots=True)
class _Offered:
    """A package that was looked at, its terms, and the package of that name that is there."""

    chosen: Prepared
    rows: ConsentRows
    installed: Package | None


@dataclass(eq=False)
class _Reading:
    """A package whose terms are being read."""

    key: str
    look: Look
    task: Task[_Offered] | None = None


class Offering:
    """One package at a time; reading and fetching are done by a worker.

    Parameters
    ----------
    window : QWidget
        Under which dialogs lie.
    shelf : Shelf
    background : Background
    activity : Activity
    notices : Notices
    agreed : callable
    busy_with : callable
        Title of an installation that goes on; empty for none.
    keep_out_of_log : callable
        Takes paths that no log line may name.
    find_places : callable
        Where packages may come from; called on a worker.
    """

    def __init__(
        self,
        window: QWidget,
        shelf: Shelf,
        background: Background,
        activity: Activity,
        notices: Notices,
        *,
        agreed: Agreed,
        busy_with: Callable[[], str],
        keep_out_of_log: Callable[[Sequence[Path]], None],
        find_places: Callable[[], Places] = places_for,
    ) -> None:
        self._window = window
        self._shelf = shelf
        self._background = background
        self._activity = activity
        self._notices = notices
        self._agreed = agreed
        self._busy_with = busy_with
        self._keep_out_of_log = keep_out_of_log
        self.find_places = find_places
        self.on_look: Callable[[], None] = lambda: None
        self._numbers = itertools.count(1)
        self._reading: _Reading | None = None
        self._held: Look | None = None
        self.source: InstallSource | None = None
        self.consent: ConsentDialog | None = None

    def ask(self, name: str = "") -> None:
        """Ask what to install, in a dialog that leaves the images usable."""
        if self.source is None:
            self.source = InstallSource(name, self._window)
            self.source.chosen.connect(self.look)
            self.source.cancelled.connect(self._on_source_closed)
        self.source.show()
        self.source.raise_()
        self.source.activateWindow()

    def look(self, asked: str | Source) -> None:
        """Read what a package says of itself, and ask whether to install it.

        Parameters
        ----------
        asked : str or Source
            A path or a name, as a person gives it; or what is meant for certain.
        """
        if self._busy_with():
            self._notices.tell(f"{self._busy_with()} goes on. Wait for its end, or cancel it.")
            return
        self._stop_reading()
        if self.consent is not None:
            self.consent.reject()
        path = Path(asked if isinstance(asked, str) else asked.name)
        if path.is_absolute():
            self._keep_out_of_log([path])
        name = path.name or str(path)
        reading = _Reading(f"look-{next(self._numbers)}", Look(asked))
        self._reading = reading
        self._activity.begin(reading.key, f"Reading {name}", self._stop_reading)
        self.on_look()
        if self.source is not None:
            self.source.set_looking(name)

        def done(offered: _Offered) -> None:
            self._end_reading(reading)
            self._offer(reading.look, offered)

        def failed(error: Exception) -> None:
            self._end_reading(reading)
            self._refuse(name, report_of_failure(error))

        reading.task = self._background.start(
            "offers",
            lambda task: self._read(reading.look, task),
            done=done,
            failed=failed,
            on_progress=lambda fraction, stage: self._activity.update(reading.key, fraction, stage),
        )

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being read."""
        return self._reading is None

    def close(self) -> None:
        """Leave nothing behind, when the window closes."""
        for look in (self._held, self._reading.look if self._reading is not None else None):
            if look is not None:
                look.close()

    # ---- reading ----------------------------------------------------------------------

    def _read(self, look: Look, task: Task[_Offered]) -> _Offered:
        try:
            chosen = look.open(self.find_places(), only_news(task.progress))
            installed = self._installed(chosen.offer.distribution)
            taken = models_of_others(self._shelf.store, chosen.offer.distribution)
            return _Offered(chosen, consent_rows(chosen, installed, taken), installed)
        except BaseException:
            look.close()
            raise

    def _installed(self, distribution: str) -> Package | None:
        # Not from the shelf: a terminal may have changed what is installed since it was read.
        try:
            return self._shelf.store.index().packages.get(distribution)
        except MedviewError:
            # The installation itself tells of it.
            return None

    def _end_reading(self, reading: _Reading) -> None:
        self._reading = None
        self._activity.end(reading.key)
        if self.source is not None:
            self.source.set_looking("")

    def _stop_reading(self) -> None:
        reading = self._reading
        if reading is None:
            return
        if reading.task is not None:
            reading.task.cancel()
        self._end_reading(reading)
        self._drop(reading.look)

    def _drop(self, look: Look) -> None:
        # Unpacked files may be many: not on this thread.
        self._background.start("shelf", lambda task: look.close(), done=_nothing, failed=_nothing)

    def _on_source_closed(self) -> None:
        self.source = None
        self._stop_reading()

    def _refuse(self, name: str, report: Report) -> None:
        if self.source is not None:
            story = f"Reading {name} failed.\n\n{report.message}\n\n{report.details}"
            self.source.set_problem(report.message, story)
        else:
            self._notices.failed(f"Reading {name}", report)

    # ---- the terms and the answer ------------------------------------------------------

    def _offer(self, look: Look, offered: _Offered) -> None:
        chosen, rows, installed = offered.chosen, offered.rows, offered.installed
        if installed is not None and _is_the_same(chosen, installed):
            self._drop(look)
            self._close_source()
            now = installed.current
            self._notices.tell(f"{now.distribution} {now.version} is the newest that can be had.")
            return
        self._close_source()
        self._held = look
        self.consent = ConsentDialog(rows, self._window)
        self.consent.answered.connect(lambda yes: self._on_answer(look, chosen, rows.title, yes))
        self.consent.show()
        self.consent.raise_()
        self.consent.activateWindow()

    def _close_source(self) -> None:
        if self.source is not None:
            self.source.close()

    def _on_answer(self, look: Look, chosen: Prepared, title: str, yes: bool) -> None:
        self.consent = self._held = None
        if yes:
            self._agreed(look, chosen, title)
        else:
            self._drop(look)


def _is_the_same(chosen: Prepared, installed: Package) -> bool:
    """Whether an index has nothing newer than what is installed."""
    hashes = {item.sha256 for item in installed.current.locked if item.name == installed.name}
    return chosen.source.kind == "index" and chosen.offer.sha256 in hashes


def _nothing(_result: object) -> None:
    return None
