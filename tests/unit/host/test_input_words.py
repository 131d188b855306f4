"""A reader can see by which limits a series is judged before any series is opened."""

from __future__ import annotations

from medview.core.data.intensity import Intensity
from medview.host.card import InputSpec
from medview.host.input_words import limits_in_words


def test_every_limit_of_a_card_is_a_clause() -> None:
    spec = InputSpec(
        "volume",
        modalities=("CT", "MR"),
        intensity=Intensity.HOUNSFIELD,
        min_slices=5,
        max_spacing_mm=3.0,
        refuse_spacing_mm=10.0,
        body_parts=("CHEST",),
        min_coverage_mm=100.0,
        planes=("axial", "coronal", "sagittal"),
    )
    assert limits_in_words(spec).split("; ") == [
        "CT or MR",
        "Hounsfield units",
        "5 or more slices",
        "axial, coronal or sagittal slices",
        "spacing up to 3 mm, refused above 10 mm",
        "head to foot at least 100 mm",
        "body part CHEST",
    ]


def test_a_limit_that_only_refuses_is_told_as_one() -> None:
    spec = InputSpec("volume", refuse_spacing_mm=2.5, refuse_coverage_mm=80.0)
    assert limits_in_words(spec) == "spacing up to 2.5 mm; head to foot at least 80 mm"


def test_a_card_without_limits_has_none_to_tell() -> None:
    assert limits_in_words(InputSpec("image")) == ""
