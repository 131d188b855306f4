"""Told that memory is tight, a run works within little of it."""

from __future__ import annotations

from medview.core.findings.base import Findings
from medview.jobs.ladder import is_out_of_memory
from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject
from medview.testing.conformance.trial import told

ROOM_BYTES = 2 << 30
"""What a run on the coarse sample may take beyond what the process has, unless its card needs
more."""


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    subject.findings()
    needs = subject.card.device.memory_mb or 0
    room = max(ROOM_BYTES, needs << 20)
    trial = subject.trial(memory="tight", room_bytes=room)
    gib = f"{room / 2**30:.1f} GiB"
    if trial.findings is None:
        if is_out_of_memory(trial.error):
            # Letting MemoryError pass is right, but nothing is left to try after 'tight'.
            raise AssertionError(
                f"With ctx.memory 'tight' and {gib} more than the process has, it ran out of "
                "memory. Use smaller batches and keep results off the device, or name in the "
                "card's device.memory_mb what it needs."
            )
        reason = subject.stands_in_the_way(trial)
        if reason:
            raise NotChecked(reason)
        raise AssertionError(
            f"With ctx.memory 'tight' and {gib}, its run failed otherwise than for want of memory. "
            f"{told(trial.error)} Let MemoryError pass: medview catches it and tries another way."
        )
    if _kinds(trial.findings) != _kinds(subject.findings()):
        raise AssertionError(
            "With ctx.memory 'tight', it gives other findings than with 'normal'. Use smaller "
            "batches and keep results off the device; the result must stay."
        )
    return f"With ctx.memory 'tight', it works within {gib} more than the process has."


def _kinds(findings: Findings) -> list[tuple[type, str]]:
    return [(type(item), item.name) for item in findings.items]
