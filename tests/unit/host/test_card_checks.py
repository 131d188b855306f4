"""A card whose limits are no limits is refused in words, before anything is judged by it."""

from __future__ import annotations

from typing import Any

import pytest

from medview.host.card import InputSpec, ModelCard
from medview.host.card_checks import card_problems


def card(**limits: Any) -> ModelCard:
    return ModelCard(
        id="bright",
        title="Bright voxels",
        summary="Marks what is bright.",
        intended_use="For tests. Not for diagnosis.",
        input=InputSpec("volume", **limits),
        produces=("labelmap",),
        code_licence="Apache-2.0",
        weights_licence="none",
    )


def test_limits_that_can_be_kept_are_no_problem() -> None:
    limits = {
        "modalities": ("CT", "MR"),
        "min_slices": 3,
        "max_spacing_mm": 5,
        "min_coverage_mm": 150.0,
        "planes": ("axial", "oblique"),
    }
    assert card_problems(card(**limits), "bright") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("modalities", "CT"),
        ("body_parts", ["CHEST"]),
        ("planes", ("transversal",)),
        ("min_slices", 0),
        ("min_slices", 2.5),
        ("min_slices", True),
        ("max_spacing_mm", "5 mm"),
        ("refuse_spacing_mm", float("nan")),
        ("min_coverage_mm", 0),
        ("refuse_coverage_mm", -10.0),
    ],
)
def test_a_limit_that_is_none_is_named_with_what_it_says(field: str, value: object) -> None:
    (problem,) = card_problems(card(**{field: value}), "bright")
    assert f"'{field}'" in problem
