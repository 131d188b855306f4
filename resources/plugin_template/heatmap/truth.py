"""The answer on a ball whose place and density are known."""

from __future__ import annotations

import medview.api as mv
import numpy as np
import pytest
from medview.testing.context import CollectingContext
from medview.testing.phantoms import ball_phantom

import __MODULE__ as model


def test_a_ball_in_the_middle_of_the_range_is_half_way_up() -> None:
    source = ball_phantom(radius_mm=20.0, inside=250.0)
    (heat,) = model.run(source, model.Params(), CollectingContext()).items
    assert isinstance(heat, mv.Heatmap)
    index = tuple(np.rint(source.grid.to_index((0.0, 0.0, 0.0))).astype(int))
    assert heat.array[index] == pytest.approx(0.5, abs=0.02)
    assert heat.array[0, 0, 0] == 0
