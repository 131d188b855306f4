"""The window's small sentences read as people write them."""

from __future__ import annotations

import pytest

from medview.app.wording import duration, in_sentence, moment


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0, "under 0.1 s"),
        (0.049, "under 0.1 s"),
        (0.36, "0.4 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (119.4, "119 s"),
        (125.0, "2 min 5 s"),
    ],
)
def test_a_duration_is_as_exact_as_it_is_of_use(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("title", "within"),
    [
        ("Lung segmentation", "lung segmentation"),
        ("MONAI bundle", "MONAI bundle"),
        ("3D lungs", "3D lungs"),
        ("U", "u"),
        ("", ""),
    ],
)
def test_a_title_within_a_sentence_keeps_what_is_a_name(title: str, within: str) -> None:
    assert in_sentence(title) == within


def test_what_is_no_time_is_told_as_it_is() -> None:
    assert moment("some day") == "some day"
