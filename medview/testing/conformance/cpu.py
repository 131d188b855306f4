"""A run that is told to use the CPU uses it, and asks for no other device."""

from __future__ import annotations

from medview.testing.conformance.gpu import asks_for_gpu
from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    subject.require_sample()
    first = subject.first
    if asks_for_gpu(first.error):
        raise AssertionError(
            "Told to use the CPU, it asked for a GPU. Send networks and tensors to ctx.device, "
            "and load weights with map_location=ctx.device."
        )
    if first.findings is None:
        raise NotChecked(subject.why_no_findings(first))
    asked = subject.warm.gpu
    if asked:
        raise AssertionError(
            f"Told to use the CPU, it asked for {', '.join(asked)}. The host says in ctx.device "
            "where to compute."
        )
    return "It ran on the CPU and asked for no other device."
