"""A run gives findings that keep every rule, of the kinds that the card names."""

from __future__ import annotations

from medview.core.findings.base import FINDING_TYPES
from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject
from medview.testing.conformance.trial import told


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    subject.require_sample()
    trial = subject.first
    if trial.findings is None:
        reason = subject.stands_in_the_way(trial)
        if reason:
            raise NotChecked(reason)
        raise AssertionError(f"The run on the sample failed. {told(trial.error)}")
    produced = {FINDING_TYPES[type(item)] for item in trial.findings.items}
    undeclared = produced - set(subject.card.produces)
    if undeclared:
        raise AssertionError(
            f"It produced {', '.join(sorted(undeclared))}, which its card does not name."
        )
    if not produced:
        raise AssertionError("It found nothing at all on the sample, not even an empty finding.")
    return f"It produced {', '.join(sorted(produced))}."
