"""The model keeps the contract that every model must keep."""

from __future__ import annotations

from medview.testing import conformance


@conformance.checks("lung-segmentation")
def test_it_keeps_the_contract(result: conformance.CheckResult) -> None:
    assert result.passed, result.words
