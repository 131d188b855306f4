"""When a run has ended, nothing of it goes on: no thread, and no process that it started."""

from __future__ import annotations

from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    subject.require_sample()
    apart = subject.apart
    if apart.threads:
        raise AssertionError(
            f"After its run, its code goes on in a thread ({', '.join(apart.threads)}). Wait for "
            "every thread before run returns."
        )
    if apart.children:
        raise AssertionError(
            f"After its run, a process that it started lives on ({', '.join(apart.children)}). End "
            "every process, and wait for it, before run returns."
        )
    if apart.traces is None:
        raise NotChecked(f"It gave no findings in a process of its own. {apart.error}")
    return "No thread and no process of it went on after its run."
