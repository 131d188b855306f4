"""The module offers the three hooks with their arguments, no other, and parameters for a form."""

from __future__ import annotations

from medview.host.loader import HOOKS
from medview.host.spec import API
from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    offered = subject.offered
    if offered.error:
        raise NotChecked(f"It cannot be imported: {offered.error}")
    if offered.hooks:
        raise AssertionError(" ".join(offered.hooks))
    if subject.handle.api != API:
        raise AssertionError(f"It speaks {subject.handle.api}, and this medview {API}.")
    count = offered.parameters
    words = "no parameters" if not count else f"{count} parameter{'s' if count > 1 else ''}"
    return f"It offers {', '.join(HOOKS)} of {API}, with {words}."
