"""Reports of failed installations, with what pip said."""

from __future__ import annotations

from dataclasses import replace

from medview.host.packages.pip import PipFailed
from medview.jobs.outcome import Report, report_of


def report_of_failure(error: BaseException) -> Report:
    """As `report_of`, with the end of pip's output where pip failed; without paths."""
    report = report_of(error)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, PipFailed):
            return replace(report, details=f"{report.details}\n\npip said:\n{cause.output}")
        cause = cause.__cause__ or cause.__context__
    return report
