"""The answer on pictures whose brightness is known."""

from __future__ import annotations

import medview.api as mv
import numpy as np
import pytest
from medview.testing.context import CollectingContext

import __MODULE__ as model


def graded(pixels: np.ndarray) -> mv.Grades:
    (grades,) = model.run(mv.Image2D(pixels), model.Params(), CollectingContext()).items
    assert isinstance(grades, mv.Grades)
    return grades


@pytest.mark.parametrize(("bright_rows", "name"), [(5, "dark"), (50, "medium"), (95, "bright")])
def test_the_grade_follows_the_share_of_bright_pixels(bright_rows: int, name: str) -> None:
    pixels = np.zeros((100, 100), np.uint8)
    pixels[:bright_rows] = 255
    grades = graded(pixels)
    assert grades.reported == name
    assert sum(c.probability for c in grades.classes) == pytest.approx(1.0)


def test_an_empty_picture_is_not_graded_and_says_why() -> None:
    grades = graded(np.full((10, 10), 7, np.uint8))
    assert grades.reported is None
    assert grades.reason
