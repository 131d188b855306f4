"""`Examining`: the doctor's dialog; every package is examined by a worker, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from medview.app.background import Background, Task
from medview.app.controllers.last_failures import LastFailures
from medview.app.controllers.packages.doctor import PackageFinding, examine, report_of
from medview.app.controllers.packages.manage import repair
from medview.app.controllers.window_packages.doctor_rows import (
    doctor_row,
    host_lines,
    verdict_on,
)
from medview.app.controllers.window_packages.failure import report_of_failure
from medview.app.controllers.window_packages.shelf import Shelf
from medview.config.paths import Folders
from medview.view.dialogs.doctor import DoctorDialog
from medview.view.dialogs.doctor_rows import DoctorLine

_Host = tuple[DoctorLine, ...]


class Examining:
    """One dialog at a time; closing it ends the examination.

    Parameters
    ----------
    window : QWidget
    shelf : Shelf
    folders : Folders
    background : Background
    failures : LastFailures
    changed : callable
        Told when something was repaired.
    """

    def __init__(
        self,
        window: QWidget,
        shelf: Shelf,
        folders: Folders,
        background: Background,
        failures: LastFailures,
        *,
        changed: Callable[[], None],
    ) -> None:
        self._window = window
        self._shelf = shelf
        self._folders = folders
        self._background = background
        self._failures = failures
        self._changed = changed
        self._task: Task[tuple[PackageFinding, ...]] | None = None
        self._outcome = ""
        self.dialog: DoctorDialog | None = None

    def open(self) -> None:
        """Show the dialog and examine, or bring the open one to the front."""
        if self.dialog is None:
            self.dialog = DoctorDialog(self._window)
            self.dialog.examine_requested.connect(self._examine)
            self.dialog.repair_requested.connect(self._repair)
            self.dialog.closed.connect(self._on_closed)
            self._examine()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _on_closed(self) -> None:
        self.dialog = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _examine(self) -> None:
        self._begin("Examining", lambda: None)

    def _repair(self) -> None:
        cards: Path = self._folders.index / "cards"

        def work() -> None:
            told = repair(self._shelf.store, cards)
            self._shelf.read_afresh()
            self._outcome = told or "Repaired: leftovers are gone, every model was asked anew."

        self._begin("Repairing", work)

    def _begin(self, words: str, first: Callable[[], None]) -> None:
        if self.dialog is None or self._task is not None:
            return
        self._outcome = ""
        self.dialog.set_outcome("")
        self.dialog.set_report("")
        self.dialog.set_rows(())
        self.dialog.set_busy(words)
        self._task = self._background.start(
            "doctor",
            lambda task: self._work(first, task),
            done=self._on_done,
            failed=self._on_failed,
            on_progress=lambda _, stage: self._show_stage(stage),
        )

    # ---- on the worker ----------------------------------------------------------------

    def _work(
        self, first: Callable[[], None], task: Task[tuple[PackageFinding, ...]]
    ) -> tuple[PackageFinding, ...]:
        first()
        host = host_lines()
        task.deliver(lambda: self._show_host(host))
        self._shelf.read()
        handles = self._shelf.catalogue.models
        found = [handle.found for handle in handles]
        findings: list[PackageFinding] = []
        for each in self._shelf.installed():
            finding = examine(
                each,
                store=self._shelf.store,
                handles=handles,
                found=found,
                weights_folder=self._folders.weights,
                failures=self._failures,
                progress=task.progress,
            )
            findings.append(finding)
            so_far = tuple(findings)
            task.deliver(lambda so_far=so_far: self._show(so_far))  # type: ignore[misc]
        return tuple(findings)

    # ---- on the GUI thread --------------------------------------------------------------

    def _show_stage(self, stage: str) -> None:
        if self.dialog is not None and stage:
            self.dialog.set_busy(stage)

    def _show_host(self, host: _Host) -> None:
        if self.dialog is not None:
            self.dialog.set_host(host)

    def _show(self, findings: tuple[PackageFinding, ...]) -> None:
        if self.dialog is not None:
            rows = sorted(map(doctor_row, findings), key=lambda row: row.is_sound)
            self.dialog.set_rows(tuple(rows))

    def _on_done(self, findings: tuple[PackageFinding, ...]) -> None:
        self._task = None
        self._changed()
        if self.dialog is None:
            return
        self.dialog.set_busy("")
        self.dialog.set_report(report_of(findings))
        problem = self._shelf.stock.problem
        is_bad = bool(problem) or not all(each.is_sound for each in findings)
        self.dialog.set_outcome(
            problem or f"{self._outcome} {verdict_on(findings)}".strip(), is_bad=is_bad
        )

    def _on_failed(self, error: Exception) -> None:
        self._task = None
        self._changed()
        if self.dialog is None:
            return
        report = report_of_failure(error)
        self.dialog.set_busy("")
        self.dialog.set_report(f"{report.message}\n\n{report.details}")
        self.dialog.set_outcome(report.message, is_bad=True)
