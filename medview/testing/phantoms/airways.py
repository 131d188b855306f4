"""Windpipe, main bronchi and the first bronchi inside the lungs."""

from __future__ import annotations

from medview.testing.phantoms.painter import Solid
from medview.testing.phantoms.solids import Point, capsule

CARINA: Point = (1.0, 4.0, 30.0)
RIGHT_HILUM: Point = (-44.0, 8.0, 2.0)
LEFT_HILUM: Point = (50.0, 14.0, -2.0)

_WALL_MM = 1.6
_TUBES: tuple[tuple[Point, Point, float, float], ...] = (
    ((0.0, -2.0, 400.0), (0.0, -2.0, 120.0), 9.0, 9.0),
    ((0.0, -2.0, 120.0), CARINA, 9.0, 8.6),
    (CARINA, (-20.0, 5.0, 16.0), 7.8, 7.4),
    ((-20.0, 5.0, 16.0), (-38.0, 7.0, 6.0), 7.4, 6.2),
    (CARINA, (22.0, 8.0, 14.0), 7.0, 6.4),
    ((22.0, 8.0, 14.0), (43.0, 13.0, 2.0), 6.4, 5.4),
)
_INNER: tuple[tuple[Point, Point, float, float], ...] = (
    ((-38.0, 7.0, 6.0), (-62.0, 4.0, 30.0), 4.2, 3.0),
    ((-38.0, 7.0, 6.0), (-52.0, 12.0, -28.0), 5.0, 3.6),
    ((-52.0, 12.0, -28.0), (-66.0, -22.0, -50.0), 3.0, 2.0),
    ((-52.0, 12.0, -28.0), (-70.0, 34.0, -70.0), 3.2, 2.0),
    ((-62.0, 4.0, 30.0), (-80.0, -18.0, 52.0), 2.6, 1.6),
    ((-62.0, 4.0, 30.0), (-72.0, 20.0, 64.0), 2.6, 1.6),
    ((43.0, 13.0, 2.0), (62.0, -2.0, 30.0), 4.0, 2.8),
    ((43.0, 13.0, 2.0), (58.0, 26.0, -28.0), 4.6, 3.2),
    ((58.0, 26.0, -28.0), (76.0, 44.0, -70.0), 3.0, 2.0),
    ((62.0, -2.0, 30.0), (80.0, -22.0, 46.0), 2.5, 1.6),
    ((62.0, -2.0, 30.0), (72.0, 14.0, 64.0), 2.5, 1.6),
)


def airway_walls() -> list[Solid]:
    """Outer surfaces of all airways."""
    return [
        capsule(a, b, r + min(_WALL_MM, 0.25 * r + 0.5), s + min(_WALL_MM, 0.25 * s + 0.5))
        for a, b, r, s in (*_TUBES, *_INNER)
    ]


def airway_lumens() -> list[Solid]:
    """Air in all airways."""
    return [capsule(a, b, r, s) for a, b, r, s in (*_TUBES, *_INNER)]


def central_lumens() -> list[Solid]:
    """Air in the windpipe and both main bronchi, which are no lung."""
    return [capsule(a, b, r, s) for a, b, r, s in _TUBES]
