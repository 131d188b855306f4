"""Conformance kit: what every model must do, checked on its own and told in words.

In the tests of a model package::

    from medview.testing import conformance

    @conformance.checks("my-model")
    def test_it_keeps_the_contract(result: conformance.CheckResult) -> None:
        assert result.passed, result.words

gives one test for each check. `check_model` gives the same as records.
"""

from __future__ import annotations

from medview.testing.conformance.kit import CHECKS, check_model, find_model, run_check
from medview.testing.conformance.pytest_checks import checks
from medview.testing.conformance.result import CheckResult
from medview.testing.conformance.subject import Subject

__all__ = [
    "CHECKS",
    "CheckResult",
    "Subject",
    "check_model",
    "checks",
    "find_model",
    "run_check",
]
