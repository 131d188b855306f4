"""Files under resources/ are found in a checkout."""

from __future__ import annotations

import json

import pytest

from medview.core.resources import resource


def test_a_resource_of_the_checkout_can_be_read() -> None:
    assert isinstance(json.loads(resource("theme", "dark.json").read_text("utf-8")), dict)


def test_an_unknown_resource_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"theme/none\.json"):
        resource("theme", "none.json")
