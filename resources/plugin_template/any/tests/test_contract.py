"""The model keeps what every model of medview must keep."""

from __future__ import annotations

from medview.testing import conformance

MODEL = "__NAME__"


@conformance.checks(MODEL, distribution=MODEL)
def test_it_keeps_the_contract(result: conformance.CheckResult) -> None:
    assert result.passed, result.words
