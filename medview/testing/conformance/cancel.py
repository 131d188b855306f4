"""A run stops within two seconds after it was cancelled."""

from __future__ import annotations

from itertools import pairwise

from medview.core.progress import Cancelled
from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject

WITHIN_S = 2.0


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    whole = subject.warm
    if whole.findings is None:
        raise NotChecked(subject.why_no_findings(whole))
    if not whole.reports and whole.seconds <= WITHIN_S:
        raise NotChecked("It never reports progress, so it was never told to stop.")
    # It can be stopped at a report only, so the longest time between two is how long it takes.
    times = [0.0, *(seconds for _, seconds in whole.reports), whole.seconds]
    longest = max(later - earlier for earlier, later in pairwise(times))
    if longest > WITHIN_S:
        raise AssertionError(
            f"It goes {longest:.1f} s without reporting progress, and is deaf to cancel meanwhile; "
            f"{WITHIN_S:g} s are allowed."
        )
    cancelled = subject.trial(cancel_after=1 if len(whole.reports) > 1 else 0)
    if not isinstance(cancelled.error, Cancelled):
        raise AssertionError(
            "It went on after ctx.progress had raised Cancelled. Let Cancelled pass: catch "
            "Exception at most, never BaseException."
        )
    return f"It can be stopped at least every {max(longest, 0.01):.2g} s on the sample."
