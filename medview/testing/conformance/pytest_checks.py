"""`checks`: the kit as tests, one for each check."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from medview.core.data.image2d import Image2D
from medview.core.data.slide import Slide
from medview.core.geometry.grid import Grid
from medview.testing.conformance.kit import CHECKS, find_model, run_check
from medview.testing.conformance.result import CheckResult
from medview.testing.conformance.samples import Sample
from medview.testing.conformance.subject import Subject


def checks(
    model_id: str,
    *,
    distribution: str | None = None,
    sample: Sample | Image2D | Slide | None = None,
    grid: Grid | None = None,
) -> Callable[[Callable[[CheckResult], None]], Any]:
    """Turn a test function of one result into one test for each check.

    Parameters
    ----------
    model_id : str
        The entry point's name; its package must be installed.
    distribution : str, optional
        The package that brings it, where several do.
    sample : callable, Image2D or Slide, optional
        What it is run on; see `medview.testing.conformance.Subject`.
    grid : Grid, optional
        On which a sampled volume is made first.

    Returns
    -------
    callable
        A decorator. A check that does not concern the model is skipped with the reason.
    """
    import pytest

    @cache
    def subject() -> Subject:
        allow = frozenset({distribution}) if distribution else None
        return Subject(find_model(model_id, allow=allow), sample, grid=grid)

    def decorate(function: Callable[[CheckResult], None]) -> Any:
        def test(check: str) -> None:
            result = run_check(check, subject())
            if result.passed is None:
                pytest.skip(result.words)
            function(result)

        test.__name__ = function.__name__
        test.__qualname__ = function.__qualname__
        test.__module__ = function.__module__
        test.__doc__ = function.__doc__
        return pytest.mark.parametrize("check", tuple(CHECKS))(test)

    return decorate
