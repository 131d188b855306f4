"""Progress is reported, moves, and never goes back."""

from __future__ import annotations

import math
from itertools import pairwise

from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    trial = subject.first
    if trial.findings is None:
        raise NotChecked(subject.why_no_findings(trial))
    fractions = [fraction for fraction, _ in trial.reports if fraction is not None]
    if not all(math.isfinite(f) and 0 <= f <= 1 for f in fractions):
        raise AssertionError("It reports progress outside 0..1.")
    for earlier, later in pairwise(fractions):
        if later < earlier:
            raise AssertionError(f"Its progress goes back from {earlier:.2f} to {later:.2f}.")
    if len(set(fractions)) < 2:
        raise AssertionError("Its progress does not move: report at least two stages.")
    return f"{len(trial.reports)} reports, from {fractions[0]:.2f} to {fractions[-1]:.2f}."
