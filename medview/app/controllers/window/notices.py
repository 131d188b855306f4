"""`Notices`: says what happened: quiet toasts, and reports to copy behind "Details"."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from medview.core.errors import MedviewError
from medview.jobs.outcome import Report, report_of
from medview.view.toasts import Toasts

_LONG = 12.0

_log = logging.getLogger(__name__)


class ShowsReports(Protocol):
    """A dialog with a sentence and a report that can be copied."""

    def __call__(self, title: str, sentence: str, report: str) -> None:
        """Open it."""


class Notices:
    """The one voice of the window.

    Parameters
    ----------
    toasts : Toasts
    show_report : callable
        Opens a report at the reader's wish.
    log : callable
        Takes a line for the session's log, where a toast that has gone can be read again.
    """

    def __init__(
        self, toasts: Toasts, show_report: ShowsReports, log: Callable[[str], None]
    ) -> None:
        self._toasts = toasts
        self._show_report = show_report
        self._log = log

    def tell(
        self, text: str, *, action: str = "", on_action: Callable[[], None] | None = None
    ) -> None:
        """Something worth knowing."""
        self._note(text)
        self._toasts.show_toast(text, kind="info", action=action, on_action=on_action)

    def done(
        self, text: str, *, action: str = "", on_action: Callable[[], None] | None = None
    ) -> None:
        """Something that the reader asked for has ended well."""
        self._note(text)
        self._toasts.show_toast(text, kind="good", action=action, on_action=on_action)

    def with_report(self, title: str, text: str, report: str) -> None:
        """Something worth knowing that has a longer story, and what to call that."""
        self._note(text)
        self._toasts.show_toast(
            text,
            action="Details",
            on_action=lambda: self._show_report(title, text, report),
            seconds=_LONG,
        )

    def failed(self, what: str, error: BaseException | Report) -> None:
        """Something went wrong; recoverable, so a toast and no dialog.

        Parameters
        ----------
        what : str
            What was being done, e.g. ``"Opening the series"``; begins the
            sentence where the error has none of its own for people.
        error : BaseException or Report
        """
        report = error if isinstance(error, Report) else report_of(error)
        if isinstance(error, MedviewError) or report.code != "unexpected":
            text = report.message
        else:
            text = f"{what} failed because of a defect. Details can be copied and reported."
        _log.warning("%s failed: %s", what, report.code)
        self._note(text)
        # A sentence for people may stand in for the message; what happened is in the report.
        said = "" if text == report.message else f"{report.message}\n\n"
        story = f"{said}{report.details}".strip()
        self._toasts.show_toast(
            text,
            kind="error",
            action="Details",
            on_action=lambda: self._show_report(f"{what} failed", text, story),
            seconds=_LONG,
        )

    def _note(self, text: str) -> None:
        self._log(f"{datetime.now().astimezone():%H:%M:%S}  {text}")
