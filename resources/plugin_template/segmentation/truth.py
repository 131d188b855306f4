"""The answer on a ball whose place and size are known."""

from __future__ import annotations

import medview.api as mv
import numpy as np
import pytest
from medview.testing.context import CollectingContext
from medview.testing.phantoms import ball_phantom

import __MODULE__ as model


def test_a_dense_ball_is_labelled_and_nothing_else() -> None:
    # The threshold lies half-way between ball and air, where its edge is.
    source = ball_phantom(radius_mm=20.0, inside=1600.0)
    found = model.run(source, model.Params(), CollectingContext())
    (mask,) = found.items
    assert isinstance(mask, mv.LabelMap)
    volume_ml = np.count_nonzero(mask.array) * source.grid.voxel_volume_mm3 / 1000
    assert volume_ml == pytest.approx(4 / 3 * np.pi * 2.0**3, rel=0.05)


def test_a_higher_threshold_labels_nothing() -> None:
    source = ball_phantom(radius_mm=20.0, inside=600.0)
    found = model.run(source, model.Params(above=700.0), CollectingContext())
    (mask,) = found.items
    assert isinstance(mask, mv.LabelMap)
    assert not mask.array.any()
