"""Gives the tests of the model packages the same environment and fixtures as medview's own."""

from __future__ import annotations

from tests.conftest import data_dir, medview_home

__all__ = ["data_dir", "medview_home"]
