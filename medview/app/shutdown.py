"""The one ordered way out: stop listening, stop work, take views down, in that order."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Protocol

PATIENCE_S = 5.0
"""How long quitting waits for work that was told to stop."""

_log = logging.getLogger(__name__)


class StopsMessages(Protocol):
    """The bridge from worker threads."""

    def close(self) -> None:
        """Deliver nothing from now on."""


class StopsWork(Protocol):
    """`medview.app.background.Background`."""

    def shutdown(self, wait_s: float) -> bool:
        """Cancel and wait; True if everything came to rest."""


class StopsJobs(Protocol):
    """`medview.jobs.runner.Runner`."""

    def shutdown(self, wait_s: float) -> tuple[str, ...]:
        """Cancel and wait; titles of what would not stop."""


def shut_down(
    *,
    bridge: StopsMessages,
    jobs: StopsJobs,
    background: StopsWork,
    view_steps: Sequence[Callable[[], None]],
    wait_s: float = PATIENCE_S,
) -> tuple[str, ...]:
    """Bring everything to rest, on the GUI thread, with the window already hidden.

    Messages end first, so that no worker can reach a widget that is going
    away. Work ends before the views, because a result holds arrays that views
    draw. Views detach from their widgets before they are closed: a paint event
    must never find half a view.

    Parameters
    ----------
    bridge, jobs, background
    view_steps : sequence of callable
        Detach and close, in order. One that fails is logged, the next ones still run.
    wait_s : float
        Seconds for all work together.

    Returns
    -------
    tuple of str
        What would not stop; the process must then be ended without joining its threads.
    """
    deadline = time.monotonic() + wait_s
    bridge.close()
    left = list(jobs.shutdown(wait_s))
    if not background.shutdown(max(0.2, deadline - time.monotonic())):
        left.append("Reading files")
    for step in view_steps:
        try:
            step()
        except Exception:  # noqa: BLE001  whatever fails, the other views must close too
            _log.exception("A view did not close in order")
    if left:
        _log.warning("%d pieces of work did not stop in time", len(left))
    return tuple(left)
