"""Importing and describing a model is quick and brings none of the heavy libraries."""

from __future__ import annotations

from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject

STATED_MS = 300
_LENIENT = 10
"""A loaded machine may take so many times longer than is stated before the check fails."""


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    fresh = subject.fresh
    if fresh.stage == "import":
        if fresh.sockets:
            raise NotChecked("It reaches for the network while it is imported, and was refused.")
        raise AssertionError(f"A fresh interpreter cannot import it: {fresh.error}.")
    if fresh.stage == "describe":
        raise NotChecked(f"describe raised {fresh.error}.")
    if fresh.heavy:
        raise AssertionError(
            f"Importing and describing it brings {', '.join(fresh.heavy)}. Import them inside run."
        )
    took = f"Import and describe took {fresh.seconds * 1000:.0f} ms"
    if fresh.seconds * 1000 > STATED_MS * _LENIENT:
        raise AssertionError(f"{took}; {STATED_MS} ms are allowed.")
    return f"{took} ({STATED_MS} ms are asked for)."
