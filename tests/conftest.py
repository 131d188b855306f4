"""Loaded before every test: the off-screen environment first, then the shared fixtures."""

from __future__ import annotations

from collections.abc import Generator

import hypothesis
import pytest

import tests.environment  # noqa: F401 - imported for its effect, before Qt and VTK
from tests.fixtures import data_dir, medview_home
from tests.leaks import find_leaks, take_snapshot

__all__ = ["data_dir", "medview_home"]

# No deadline: a slow machine is no failure. Derandomised: one commit, one result.
hypothesis.settings.register_profile("medview", deadline=None, derandomize=True)
hypothesis.settings.load_profile("medview")

FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run tests that import torch last, so that quick failures come first."""
    items.sort(key=lambda item: item.get_closest_marker("torch") is not None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember failures: the traceback of a failed test keeps its objects alive."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


# Named to come before every other automatic fixture, so that its check comes after their ends.
@pytest.fixture(autouse=True)
def a_clean_end(request: pytest.FixtureRequest) -> Generator[None]:
    """Fail a test that leaves widgets, timers, threads or VTK objects behind."""
    before = take_snapshot()
    yield
    if request.node.stash.get(FAILED, False) or request.node.get_closest_marker("allow_leaks"):
        return
    leaks = find_leaks(before)
    del before
    if leaks:
        listed = "\n  ".join(leaks[:20])
        pytest.fail(f"the test left {len(leaks)} objects behind:\n  {listed}", pytrace=False)
