"""A run gives findings that keep every rule, of the kinds that the card names."""

from __future__ import annotations

from medview.core.errors import MedviewError
from medview.core.findings.base import FINDING_TYPES
from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject, told


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    trial = subject.first
    if trial.findings is None:
        if isinstance(trial.error, MedviewError) and trial.error.code == "source-changed":
            raise NotChecked("It changed its input, so there are no findings to look at.")
        raise AssertionError(f"The run on the phantom failed. {told(trial.error)}")
    produced = {FINDING_TYPES[type(item)] for item in trial.findings.items}
    undeclared = produced - set(subject.handle.loaded().card.produces)
    if undeclared:
        raise AssertionError(
            f"It produced {', '.join(sorted(undeclared))}, which its card does not name."
        )
    if not produced:
        raise AssertionError("It found nothing at all on the phantom, not even an empty finding.")
    return f"It produced {', '.join(sorted(produced))}."
