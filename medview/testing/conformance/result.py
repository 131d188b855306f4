"""`CheckResult`: how one check ended; `NotChecked`: why one could not be made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of a conformance report.

    Attributes
    ----------
    check : str
        Name of the check.
    passed : bool or None
        None where it could not be made: it does not concern this kind of
        model, or another check that fails stands in its way.
    words : str
        What was seen, in sentences.
    """

    check: str
    passed: bool | None
    words: str


class NotChecked(Exception):
    """A check does not apply; its text says why."""
