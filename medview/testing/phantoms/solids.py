"""Elementary solids: balls, ellipsoids, capsules and polylines of capsules."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from medview.testing.phantoms.painter import Floats, Solid

Point = tuple[float, float, float]


def ellipsoid(centre: Point, radii: Point, tilt_deg: float = 0.0) -> Solid:
    """An ellipsoid; `tilt_deg` turns it about the vertical axis (x towards y).

    The distance is exact on the surface and first-order close to it.
    """
    cx, cy, cz = centre
    rx, ry, rz = radii
    c, s = np.cos(np.deg2rad(tilt_deg)), np.sin(np.deg2rad(tilt_deg))

    def distance(x: Floats, y: Floats, z: Floats) -> Floats:
        u = ((x - cx) * np.float32(c) + (y - cy) * np.float32(s)) / rx
        v = ((y - cy) * np.float32(c) - (x - cx) * np.float32(s)) / ry
        w = (z - cz) / rz
        q = np.sqrt(u * u + v * v + w * w)
        gradient = np.sqrt((u / rx) ** 2 + (v / ry) ** 2 + (w / rz) ** 2)
        return np.asarray(q * (q - 1) / np.maximum(gradient, 1e-6), dtype=np.float32)

    wide = max(rx, ry) if tilt_deg else None
    ex, ey = (wide or rx), (wide or ry)
    return Solid(distance, ((cx - ex, cy - ey, cz - rz), (cx + ex, cy + ey, cz + rz)))


def ball(centre: Point, radius: float) -> Solid:
    """A ball with its exact distance."""
    cx, cy, cz = centre

    def distance(x: Floats, y: Floats, z: Floats) -> Floats:
        d = np.sqrt((x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2) - radius
        return np.asarray(d, dtype=np.float32)

    r = radius
    return Solid(distance, ((cx - r, cy - r, cz - r), (cx + r, cy + r, cz + r)))


def capsule(start: Point, stop: Point, radius: float, end_radius: float | None = None) -> Solid:
    """A rounded rod from `start` to `stop`, tapering linearly to `end_radius`."""
    a, b = np.asarray(start, np.float32), np.asarray(stop, np.float32)
    axis = b - a
    length2 = max(float(axis @ axis), 1e-9)
    r0, r1 = radius, radius if end_radius is None else end_radius

    def distance(x: Floats, y: Floats, z: Floats) -> Floats:
        px, py, pz = x - a[0], y - a[1], z - a[2]
        t = np.clip((px * axis[0] + py * axis[1] + pz * axis[2]) / np.float32(length2), 0, 1)
        d2 = (px - t * axis[0]) ** 2 + (py - t * axis[1]) ** 2 + (pz - t * axis[2]) ** 2
        return np.asarray(np.sqrt(d2) - (r0 + t * (r1 - r0)), dtype=np.float32)

    r = max(r0, r1)
    low, high = np.minimum(a, b) - r, np.maximum(a, b) + r
    return Solid(distance, (_point(low), _point(high)))


def chain(points: Sequence[Point], radius: float) -> list[Solid]:
    """Capsules along a polyline."""
    return [capsule(a, b, radius) for a, b in pairwise(points)]


def box(centre: Point, half: Point, rounding: float = 0.0) -> Solid:
    """A box with edges along the patient axes, rounded by `rounding` mm."""
    cx, cy, cz = centre
    hx, hy, hz = (h - rounding for h in half)

    def distance(x: Floats, y: Floats, z: Floats) -> Floats:
        dx, dy, dz = np.abs(x - cx) - hx, np.abs(y - cy) - hy, np.abs(z - cz) - hz
        outside = np.sqrt(np.maximum(dx, 0) ** 2 + np.maximum(dy, 0) ** 2 + np.maximum(dz, 0) ** 2)
        inside = np.minimum(np.maximum(np.maximum(dx, dy), dz), 0)
        return np.asarray(outside + inside - rounding, dtype=np.float32)

    h = np.asarray(half)
    return Solid(distance, (_point(np.asarray(centre) - h), _point(np.asarray(centre) + h)))


def _point(values: object) -> Point:
    x, y, z = (float(v) for v in np.ravel(np.asarray(values)))
    return x, y, z
