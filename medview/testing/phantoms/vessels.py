"""Branching vessel trees that fill the lungs evenly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview.testing.phantoms.painter import Distance, Solid
from medview.testing.phantoms.solids import Point, capsule

_TIP_RADIUS = 0.78
_BALANCE = 0.45


@dataclass(frozen=True, slots=True)
class Twig:
    """A straight piece of a vessel, thicker at its start."""

    start: Point
    stop: Point
    radius: float
    end_radius: float

    def solid(self) -> Solid:
        """The twig as a tapering rod."""
        return capsule(self.start, self.stop, self.radius, self.end_radius)


def vessel_tree(
    lung: Distance, root: Point, box: tuple[Point, Point], tips: int, rng: np.random.Generator
) -> list[Twig]:
    """Grow one tree from the hilum to points spread over a lung.

    Points join the tree where the new branch is short and the way back to the
    root is not long (a minimum spanning tree balanced by path length, Cuntz et
    al. 2010, doi 10.1371/journal.pcbi.1000877); radii follow Murray's cube law.

    Parameters
    ----------
    lung : callable
        Signed distance of the lung.
    root : (x, y, z)
        Where the vessel enters.
    box : (low, high)
        Box around the lung.
    tips : int
        Points to reach.
    rng : numpy Generator
    """
    points = _spread(lung, box, tips, rng)
    if not len(points):
        return []
    nodes = np.concatenate([[root], points])
    parent = _connect(nodes)
    radius = _murray(parent)
    return [
        Twig(_point(nodes[p]), _point(nodes[n]), float(radius[n]), float(0.9 * radius[n]))
        for n, p in enumerate(parent)
        if p >= 0
    ]


def _spread(
    lung: Distance, box: tuple[Point, Point], count: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    low, high = np.asarray(box[0]), np.asarray(box[1])
    drawn = rng.uniform(low, high, size=(max(200, 12 * count), 3))
    x, y, z = (drawn[:, a].astype(np.float32) for a in range(3))
    inside = drawn[lung(x, y, z) < -4.0]
    return np.asarray(inside[:count])


def _connect(nodes: NDArray[np.float64]) -> list[int]:
    """Parent of each node; -1 for the root. O(n^2), which is quick for some hundred nodes."""
    n = len(nodes)
    parent = [-1] * n
    path = np.zeros(n)
    best = np.linalg.norm(nodes - nodes[0], axis=1)
    cost = best * (1 + _BALANCE)
    owner = np.zeros(n, dtype=int)
    cost[0] = np.inf
    for _ in range(n - 1):
        new = int(np.argmin(cost))
        old = int(owner[new])
        parent[new] = old
        length = np.linalg.norm(nodes - nodes[new], axis=1)
        path[new] = path[old] + length[old]
        cost[new] = np.inf
        offer = length + _BALANCE * (path[new] + length)
        better = (offer < cost) & np.isfinite(cost)
        cost[better], owner[better] = offer[better], new
    return parent


def _murray(parent: list[int]) -> NDArray[np.float64]:
    n = len(parent)
    cubes = np.zeros(n)
    children: list[list[int]] = [[] for _ in range(n)]
    for node, up in enumerate(parent):
        if up >= 0:
            children[up].append(node)
    order, stack = [], [0]
    while stack:
        node = stack.pop()
        order.append(node)
        stack.extend(children[node])
    for node in reversed(order):
        cubes[node] = max(sum(cubes[c] for c in children[node]), _TIP_RADIUS**3)
    return np.asarray(np.cbrt(cubes))


def _point(values: NDArray[np.float64]) -> Point:
    return float(values[0]), float(values[1]), float(values[2])
