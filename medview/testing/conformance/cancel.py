"""A run stops within two seconds after it was cancelled, wherever it was."""

from __future__ import annotations

from itertools import pairwise

from medview.core.progress import Cancelled
from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject
from medview.testing.conformance.trial import Trial

WITHIN_S = 2.0


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    whole = subject.warm
    if whole.findings is None:
        raise NotChecked(subject.why_no_findings(whole))
    if not whole.reports and whole.seconds <= WITHIN_S:
        raise NotChecked("It never reports progress, so it was never told to stop.")
    longest = _longest(whole)
    if longest > WITHIN_S:
        # The computer may have paused, which is no fault of the model.
        longest = min(longest, _longest(subject.trial()))
    if longest > WITHIN_S:
        raise AssertionError(
            f"It goes {longest:.1f} s without reporting progress, and is deaf to cancel meanwhile; "
            f"{WITHIN_S:g} s are allowed."
        )
    last = len(whole.reports) - 1
    # What lets Cancelled pass at one stage may catch it at another.
    for place in sorted({min(1, last), last // 2, last}):
        _stop(subject, place)
    return f"It can be stopped at least every {max(longest, 0.01):.2g} s on the sample."


def _longest(trial: Trial) -> float:
    # It can be stopped at a report only, so the longest time between two is how long it takes.
    times = [0.0, *(seconds for _, seconds in trial.reports), trial.seconds]
    return max(later - earlier for earlier, later in pairwise(times))


def _stop(subject: Subject, place: int, *, again: bool = True) -> None:
    cancelled = subject.trial(cancel_after=place)
    if len(cancelled.reports) <= place:
        # It reports by the clock, and was done before it could be told to stop.
        return
    if not isinstance(cancelled.error, Cancelled):
        fraction = cancelled.reports[place][0]
        where = "" if fraction is None else f" at {fraction:.0%}"
        raise AssertionError(
            f"It went on after ctx.progress had raised Cancelled{where}. Let Cancelled pass: catch "
            "Exception at most, never BaseException."
        )
    took = cancelled.seconds - cancelled.reports[place][1]
    if took > WITHIN_S and again:
        _stop(subject, place, again=False)
    elif took > WITHIN_S:
        raise AssertionError(
            f"It took {took:.1f} s to stop after it was cancelled; {WITHIN_S:g} s are allowed."
        )
