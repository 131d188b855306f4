"""Hypothesis strategies for grids: any orientation, axis order, spacing and place."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.core.geometry.orient import AxisOrder

ORDERS = [
    AxisOrder((p[0], p[1], p[2]), (f[0], f[1], f[2]))
    for p in permutations(range(3))
    for f in product((False, True), repeat=3)
]
"""All 48 ways to permute and flip three axes."""

CANONICAL = np.array([(0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)]).T
"""Columns: k to Superior, j to Posterior, i to Left, in LPS."""


def rotation(a: float, b: float, c: float) -> NDArray[np.float64]:
    """Rotate by `a` about x, then `b` about y, then `c` about z (radians)."""
    x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(z @ y @ x, dtype=np.float64)


@st.composite
def grids(draw: st.DrawFn, max_angle: float = np.pi, max_count: int = 6) -> Grid:
    """A grid rotated by up to `max_angle` about each axis, in any of the 48 axis orders."""
    angle = st.one_of(st.just(0.0), st.floats(-max_angle, max_angle))
    axes = rotation(draw(angle), draw(angle), draw(angle)) @ CANONICAL
    spacing = draw(st.tuples(*[st.floats(0.2, 8)] * 3))
    origin = draw(st.tuples(*[st.floats(-500, 500)] * 3))
    shape = draw(st.tuples(*[st.integers(1, max_count)] * 3))
    canonical = Grid(shape, compose(origin, axes, spacing), "1.2.3")
    return draw(st.sampled_from(ORDERS)).apply_to_grid(canonical)
