"""A run leaves its input and the global random generators as they were."""

from __future__ import annotations

from medview.core.errors import MedviewError
from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    trial = subject.warm
    if isinstance(trial.error, MedviewError) and trial.error.code == "source-changed":
        raise AssertionError("It wrote to the pixels that it was given. Copy before changing.")
    if trial.findings is None:
        raise NotChecked(subject.why_no_findings(trial))
    if trial.random_touched:
        raise AssertionError(
            "It moved a global random generator (random, numpy.random or torch). Use a generator "
            "of its own, such as numpy.random.default_rng(seed)."
        )
    return "Pixels and random generators are as they were."
