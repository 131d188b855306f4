"""The facade for plugins: every promised name is there and says what it is."""

from __future__ import annotations

import inspect

import pytest

import medview.api


def test_names_are_sorted_and_each_once():
    assert list(medview.api.__all__) == sorted(set(medview.api.__all__))


@pytest.mark.parametrize("name", [n for n in medview.api.__all__ if n != "inference"])
def test_every_promised_name_exists_and_is_explained(name):
    thing = getattr(medview.api, name)
    if inspect.isclass(thing) or inspect.isfunction(thing):
        text = inspect.getdoc(thing)
        assert text
        # A dataclass without words of its own gets its signature as docstring.
        assert not text.startswith(f"{name}(")


def test_a_name_that_is_not_promised_is_refused():
    with pytest.raises(AttributeError, match="no attribute 'Qt'"):
        medview.api.Qt  # noqa: B018
