"""`Saver`: writes results as findings folders through the same function as the command line."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from medview.app.background import Background, Task
from medview.app.controllers.save_findings import save_findings
from medview.app.controllers.window.notices import Notices
from medview.app.results import Result, Results
from medview.app.session import Session
from medview.core.findings.base import Findings

AskFolder = Callable[[str], Path | None]
"""Asks for a folder to write, given a suggested name; None when the reader thought better of it."""


class Saver:
    """From "Save findings" to a folder on disk.

    Parameters
    ----------
    session : Session
    results : Results
    background : Background
    notices : Notices
    ask_folder : callable
    reveal : callable
        Shows a folder in the system's file manager.
    """

    def __init__(
        self,
        session: Session,
        results: Results,
        background: Background,
        notices: Notices,
        *,
        ask_folder: AskFolder,
        reveal: Callable[[Path], None],
    ) -> None:
        self._session = session
        self._results = results
        self._background = background
        self._notices = notices
        self._ask_folder = ask_folder
        self._reveal = reveal

    def save_newest(self) -> None:
        """Save the newest result on the series on screen."""
        active = self._session.scene.active
        shown = self._results.shown(active.id) if active is not None else ()
        if not shown:
            self._notices.tell("There are no findings to save on this series. Run a model first.")
            return
        self._save(shown[-1])

    def save(self, result_id: str) -> None:
        """Save one result."""
        result = self._results.of_layer(f"{result_id}/")
        if result is not None:
            self._save(result)

    def _save(self, result: Result) -> None:
        folder = self._ask_folder(suggested_name(result.title))
        if folder is None:
            return
        findings = self._results.remaining(result)
        self._background.start(
            "save",
            lambda task: _write(findings, folder, task),
            done=lambda _path: self._notices.done(
                f"Findings saved in '{folder.name}'",
                action="Show folder",
                on_action=lambda: self._reveal(folder),
            ),
            failed=lambda error: self._notices.failed("Saving the findings", error),
        )


def suggested_name(title: str) -> str:
    """A folder name from a model's title; never from anything about a person."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return f"findings-{words}" if words else "findings"


def _write(findings: Findings, folder: Path, task: Task[Path]) -> Path:
    return save_findings(findings, folder)
