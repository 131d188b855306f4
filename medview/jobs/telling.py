"""What a job tells its listener, which cannot hurt it, and the log, without identifiers."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from medview.jobs.outcome import Done, Failed, WasCancelled

if TYPE_CHECKING:
    from medview.jobs.events import EventSink, JobEvent

_log = logging.getLogger("medview.jobs")


def guarded(on_event: EventSink | None) -> EventSink:
    """Wrap a listener so that what it raises is logged and never ends a job."""

    def send(event: JobEvent) -> None:
        if on_event is None:
            return
        try:
            on_event(event)
        except Exception:  # noqa: BLE001  a listener must never end a job
            _log.exception("A listener of %s failed", event.job_id)

    return send


def log_of(job_id: str) -> logging.Logger:
    """Make the log of one job, which passes on to ``medview.jobs``."""
    # Not from getLogger: the registry would keep one logger per job for ever.
    log = logging.Logger(f"medview.jobs.{job_id}")  # noqa: LOG001
    log.parent = _log
    return log


def tell_log(job_id: str, outcome: Done[Any] | Failed | WasCancelled) -> None:
    """Log how a job ended, without its title or its texts."""
    if isinstance(outcome, Failed):
        _log.error("%s failed: %s", job_id, outcome.report.code)
    else:
        _log.info("%s ended: %s", job_id, type(outcome).__name__)
