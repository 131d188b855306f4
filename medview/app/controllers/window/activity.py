"""`Activity`: what is going on, in the status line: jobs, scans and loads alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from medview.view.panels.jobs import JobRow, JobsBar


class Activity:
    """Rows of the jobs bar, and what cancelling each of them means.

    Parameters
    ----------
    bar : JobsBar
    """

    def __init__(self, bar: JobsBar) -> None:
        self._bar = bar
        self._rows: dict[str, JobRow] = {}
        self._cancels: dict[str, Callable[[], None]] = {}
        bar.cancel_requested.connect(self.cancel)

    @property
    def rows(self) -> tuple[JobRow, ...]:
        """Running ones first, each group in the order of beginning."""
        return tuple(sorted(self._rows.values(), key=lambda row: row.state == "queued"))

    def begin(
        self, key: str, title: str, cancel: Callable[[], None], *, waiting: bool = False
    ) -> None:
        """Show that something began or waits for its turn."""
        self._rows[key] = JobRow(key, title, "queued" if waiting else "running")
        self._cancels[key] = cancel
        self._show()

    def update(
        self,
        key: str,
        fraction: float | None,
        stage: str = "",
        *,
        detail: str = "",
        seconds_left: float | None = None,
    ) -> None:
        """Show how far it is; ignored for what has ended or is being cancelled."""
        row = self._rows.get(key)
        if row is None or row.state == "cancelling":
            return
        self._rows[key] = replace(
            row,
            state="running",
            fraction=fraction,
            stage=stage or row.stage,
            detail=detail,
            seconds_left=seconds_left,
        )
        self._show()

    def end(self, key: str) -> None:
        """Take it off the status line."""
        if self._rows.pop(key, None) is not None:
            self._cancels.pop(key, None)
            self._show()

    def cancel(self, key: str) -> None:
        """Cancel one; it stays, marked so, until it has really ended."""
        row, cancel = self._rows.get(key), self._cancels.get(key)
        if row is None or cancel is None or row.state == "cancelling":
            return
        self._rows[key] = replace(row, state="cancelling", seconds_left=None)
        self._show()
        cancel()

    def cancel_newest(self) -> None:
        """Cancel what began last."""
        if self._rows:
            self.cancel(next(reversed(self._rows)))

    def _show(self) -> None:
        self._bar.set_jobs(self.rows)
