"""Two runs on one input agree in every bit, where the card says so."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    if not subject.card.deterministic:
        raise NotChecked("Its card does not promise it.")
    first = subject.findings()
    second = subject.second.findings
    if second is None:
        raise NotChecked(subject.why_no_findings(subject.second))
    if len(first.items) != len(second.items):
        raise AssertionError("A second run gives another number of findings.")
    for a, b in zip(first.items, second.items, strict=True):
        if not equal(a, b):
            raise AssertionError(f"A second run gives another '{a.name}'.")
    return "Two runs agree in every bit."


def equal(a: Any, b: Any) -> bool:
    """Whether two findings are equal, arrays compared by their bits; grids are the host's."""
    if type(a) is not type(b):
        return False
    for field in dataclasses.fields(a):
        ours, theirs = getattr(a, field.name), getattr(b, field.name)
        if isinstance(ours, np.ndarray):
            same = ours.dtype == theirs.dtype and ours.shape == theirs.shape
            if not same or ours.tobytes() != theirs.tobytes():
                return False
        elif field.name != "grid" and ours != theirs:
            return False
    return True
