"""Parameters are read from text or values, within their limits, or refused with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medview.core.errors import UsageError
from medview.host.params import as_json, build, param, specs_of


@dataclass(frozen=True)
class Params:
    closing_mm: float = param(10.0, label="Closing", unit="mm", low=0, high=30)
    count: int = param(3, low=1)
    method: Literal["classical", "network"] = param("classical")
    airways: bool = param(True)
    note: str = param("")


def test_specs_tell_kind_unit_range_and_choices():
    closing, count, method, airways, note = specs_of(Params)
    assert (closing.kind, closing.unit, closing.low, closing.high) == ("float", "mm", 0, 30)
    assert (count.kind, airways.kind, note.kind) == ("int", "bool", "text")
    assert method.choices == ("classical", "network")
    assert method.label == "Method"


def test_text_is_read_by_kind():
    text = {"closing_mm": "2.5", "count": "7", "method": "network", "airways": "no", "note": "x"}
    assert build(Params, text) == Params(2.5, 7, "network", False, "x")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("closing_mm", "31"),
        ("closing_mm", "-0.1"),
        ("closing_mm", "nan"),
        ("closing_mm", "inf"),
        ("closing_mm", "wide"),
        ("count", "0"),
        ("count", "2.5"),
        ("count", 2.5),
        ("count", float("inf")),
        ("method", "magic"),
        ("airways", "maybe"),
        ("closing", "1"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name, value):
    with pytest.raises(UsageError, match=f"'{name}'"):
        build(Params, {name: value})


def test_choices_that_are_no_text_are_refused_because_a_model_would_be_given_text():
    @dataclass(frozen=True)
    class Numbers:
        factor: Literal[1, 2] = param(1)

    with pytest.raises(UsageError, match="'factor'"):
        specs_of(Numbers)


def test_a_model_without_parameters_takes_none():
    assert build(None, {}) is None
    with pytest.raises(UsageError, match="known: none"):
        build(None, {"x": "1"})


@given(st.floats(0, 30), st.integers(1, 10**9), st.booleans())
def test_values_survive_the_way_through_text(closing, count, airways):
    params = Params(closing, count, airways=airways)
    text = {name: str(value) for name, value in as_json(params).items()}
    assert build(Params, text) == params


def test_a_field_that_no_form_can_show_is_refused():
    @dataclass(frozen=True)
    class Odd:
        points: list[int]

    with pytest.raises(UsageError, match="points"):
        specs_of(Odd)
