"""The answer on a ball whose place and size are known."""

from __future__ import annotations

import medview.api as mv
import pytest
from medview.testing.context import CollectingContext
from medview.testing.phantoms import ball_phantom

import __MODULE__ as model

CENTRE = (4.0, -6.0, 2.0)


def found_in(inside: float) -> tuple[mv.Detection, ...]:
    source = ball_phantom(centre_lps_mm=CENTRE, radius_mm=12.0, inside=inside)
    (bodies,) = model.run(source, model.Params(), CollectingContext()).items
    assert isinstance(bodies, mv.Detections)
    return bodies.items


def test_a_dense_ball_is_boxed_where_it_lies() -> None:
    (ball,) = found_in(600.0)
    assert ball.centre == pytest.approx(CENTRE, abs=1.0)
    assert ball.size == pytest.approx((24.0, 24.0, 24.0), abs=3.0)
    assert ball.measurements[0].value == pytest.approx(24.0, abs=1.0)


def test_nothing_dense_is_no_detection() -> None:
    assert found_in(100.0) == ()
