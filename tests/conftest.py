"""Loaded before every test: the off-screen environment first, then the shared fixtures."""

from __future__ import annotations

import hypothesis
import pytest

import tests.environment  # noqa: F401 - imported for its effect, before Qt and VTK
from tests.fixtures import data_dir, medview_home

__all__ = ["data_dir", "medview_home"]

# No deadline: a slow machine is no failure. Derandomised: one commit, one result.
hypothesis.settings.register_profile("medview", deadline=None, derandomize=True)
hypothesis.settings.load_profile("medview")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run tests that import torch last, so that quick failures come first."""
    items.sort(key=lambda item: item.get_closest_marker("torch") is not None)
