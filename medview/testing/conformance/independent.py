"""A run keeps nothing that shows in the next one: other content gives what it gives alone."""

from __future__ import annotations

from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject
from medview.testing.conformance.traces import difference, traces
from medview.testing.conformance.trial import told


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    before = traces(subject.findings())
    after = subject.other
    alone = subject.apart
    if after.findings is None and alone.traces is None:
        raise NotChecked(f"It does not work on other content. {told(after.error)}")
    if alone.traces is None:
        raise NotChecked(f"It could not be run in a process of its own. {alone.error}")
    if after.findings is None:
        raise AssertionError(
            "It fails on other content on the same grid after a run, and works on that in a "
            f"process that has run nothing. {told(after.error)}"
        )
    seen = traces(after.findings)
    other = difference(alone.traces, seen)
    if not other:
        return "Other content on the same grid gives what it gives in a process of its own."
    if subject.card.deterministic and subject.disagreement:
        raise NotChecked("Runs on equal input disagree.")
    _require_repeatable(subject, seen, is_kept=seen == before)
    raise AssertionError(
        f"On other content on the same grid, it gives {other} after a run than in a process that "
        "has run nothing. Keep nothing of a source from one run to the next, not even by its shape."
    )


def _require_repeatable(subject: Subject, seen: tuple[object, ...], *, is_kept: bool) -> None:
    """Raises `NotChecked` where chance may be why two runs differ."""
    if not (subject.card.deterministic or is_kept):
        raise NotChecked("Its card does not promise that equal input gives equal results.")
    # Twice, since what alternates is back where it was every other time.
    again = [subject.trial(subject.moved).findings for _ in range(2)]
    alone = subject.run_apart().traces
    steady = alone == subject.apart.traces or (is_kept and alone != seen)
    if not steady or any(found is None or traces(found) != seen for found in again):
        raise NotChecked("Runs on equal input disagree.")
