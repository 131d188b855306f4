"""Fixtures that every tier and every model package uses: real data, and a home of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


def find_data(environment: dict[str, str], checkout: Path = CHECKOUT) -> Path | None:
    """Folder of real test data: ``MEDVIEW_TEST_DATA``, else ``../shared/data`` of the checkout."""
    named = environment.get("MEDVIEW_TEST_DATA")
    folder = Path(named) if named else checkout.parent / "shared" / "data"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of real test data; skips without it, fails where MEDVIEW_REQUIRE_DATA=1."""
    folder = find_data(dict(os.environ))
    if folder is not None:
        return folder
    reason = "no test data: set MEDVIEW_TEST_DATA, or put it at ../shared/data beside the checkout"
    if os.environ.get("MEDVIEW_REQUIRE_DATA") == "1":
        pytest.fail(f"{reason} (MEDVIEW_REQUIRE_DATA=1 asks for it)")
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def medview_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh MEDVIEW_HOME for each test, so that none sees or changes a person's settings."""
    home = tmp_path / "medview-home"
    monkeypatch.setenv("MEDVIEW_HOME", str(home))
    return home
