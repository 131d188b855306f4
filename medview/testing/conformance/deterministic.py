"""All runs on one input agree in every bit, where the card says so."""

from __future__ import annotations

from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject
from medview.testing.conformance.trial import told

_MORE_S = 2.0
"""A quick model is run again for so long: what seldom differs shows in many runs only."""
_MOST = 12


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    if not subject.card.deterministic:
        raise NotChecked("Its card does not promise it.")
    subject.findings()
    second = subject.second
    if second.findings is None:
        raise NotChecked(subject.why_no_findings(second))
    for _ in range(min(_MOST - subject.repeated, int(_MORE_S / max(second.seconds, 0.01)))):
        again = subject.trial()
        if again.findings is None:
            raise AssertionError(f"Another run on equal input failed. {told(again.error)}")
    if subject.disagreement:
        raise AssertionError(f"Another run on equal input gives {subject.disagreement}.")
    return f"{subject.repeated} runs agree in every bit."
