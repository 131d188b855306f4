"""`JobEvent`: what a job tells the world while it lives, as one immutable message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
EventKind = Literal["queued", "started", "progress", "fallback", "warning", "finished"]


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One message of a job.

    Attributes
    ----------
    job_id : str
    kind : {"queued", "started", "progress", "fallback", "warning", "finished"}
        ``"finished"`` comes exactly once and last.
    state : {"queued", "running", "done", "failed", "cancelled"}
        Of the job when the message was made.
    fraction : float or None
        0..1; None while it cannot be known. Starts again at None after a fallback.
    text : str
        The stage, the fallback, the warning or the failure in words.
    eta_s : float or None
        Estimated seconds until the end; None until it can be told.
    device : str
        What the current attempt runs on.
    """

    job_id: str
    kind: EventKind
    state: JobState
    fraction: float | None = None
    text: str = ""
    eta_s: float | None = None
    device: str = "cpu"


EventSink = Callable[[JobEvent], None]
"""Receives the messages of a job, one at a time and in order, on threads of the runner."""
