"""Ribs, sternum, vertebrae, clavicles and shoulder blades."""

from __future__ import annotations

import numpy as np

from medview.testing.phantoms.chest import spine_y, wall_point
from medview.testing.phantoms.painter import Floats, Painted, Solid
from medview.testing.phantoms.solids import Point, ball, capsule, chain, ellipsoid

_CORTEX, _MARROW, _CARTILAGE, _DISC = 620.0, 340.0, 110.0, 75.0
_RIB_LEVEL = 1.085


def skeleton() -> list[Painted]:
    """All bones, in the order to paint them."""
    return [*_spine(), *_ribs(), *_sternum(), *_clavicles(), *_scapulae()]


def _ribs() -> list[Painted]:
    shells, marrow = [], []
    for number in range(12):
        back_z = 112.0 - 24.5 * number
        drop = 22.0 + 7.0 * min(number, 7)
        end = 0.985 if number < 7 else (0.80 if number < 10 else 0.52)
        bone_end = min(end, 0.80)
        for side in (-1.0, 1.0):
            points = _rib_curve(back_z, drop, end, side)
            count = round(len(points) * bone_end / end)
            # Two strands, one above the other, make a rib higher than thick.
            strands = [[(x, y, z + rise) for x, y, z in points] for rise in (-2.4, 2.4)]
            bone = [strand[:count] for strand in strands]
            tip = [strand[count - 1 :] for strand in strands]
            if len(tip[0]) > 1:
                shells.append(Painted(_bundle(tip, 3.6), _CARTILAGE))
            shells.append(Painted(_bundle(bone, 3.9), _CORTEX))
            marrow.append(Painted(_bundle(bone, 2.3), _MARROW))
    return [*shells, *marrow]


def _bundle(strands: list[list[Point]], radius: float) -> tuple[Solid, ...]:
    return tuple(piece for strand in strands for piece in chain(strand, radius))


def _rib_curve(back_z: float, drop: float, end: float, side: float) -> list[Point]:
    points: list[Point] = []
    for fraction in np.linspace(0.0, 1.0, 30):
        angle = np.pi * (0.10 + (end - 0.10) * fraction)
        z = back_z - drop * (1 - np.cos(angle)) / 2
        if fraction > 0.85 and end > 0.9:
            z += (fraction - 0.85) / 0.15 * 0.35 * drop
        x, y, z = wall_point(angle, z, _RIB_LEVEL)
        points.append((side * x, y, z))
    head = (side * 20.0, float(spine_y(back_z)) + 8.0, back_z + 4.0)
    return [head, *points]


def _sternum() -> list[Painted]:
    def bone(inset: float) -> Solid:
        def distance(x: Floats, y: Floats, z: Floats) -> Floats:
            # The breastbone follows the front of the rib cage, which leans back upwards.
            front = np.interp(z, _HEIGHTS, _FRONT).astype(np.float32)
            width = 17.0 + 9.0 / (1.0 + np.exp(-(z - 50.0) / 4.0))
            dx = np.abs(x) - (width - inset)
            dy = np.abs(y - front) - (6.0 - inset)
            dz = np.abs(z - 5.0) - (80.0 - inset)
            return np.asarray(_rounded(dx, dy, dz, 4.0 - inset), dtype=np.float32)

        return Solid(distance, ((-28, -125, -80), (28, -20, 90)))

    return [Painted(bone(0.0), _CORTEX - 100), Painted(bone(2.0), _MARROW - 90)]


def _rounded(dx: Floats, dy: Floats, dz: Floats, radius: float) -> Floats:
    """Distance of a box with round edges from the distances to its three pairs of faces."""
    u, v, w = dx + radius, dy + radius, dz + radius
    outside = np.sqrt(np.maximum(u, 0) ** 2 + np.maximum(v, 0) ** 2 + np.maximum(w, 0) ** 2)
    return np.asarray(outside + np.minimum(np.maximum(np.maximum(u, v), w), 0) - radius)


_HEIGHTS = np.linspace(-90.0, 100.0, 60)
_FRONT = np.array([wall_point(np.pi, float(h), _RIB_LEVEL + 0.01)[1] for h in _HEIGHTS])


def _spine() -> list[Painted]:
    parts: list[Painted] = []
    for number in range(-9, 8):
        z = 4.0 + 24.5 * number
        y = float(spine_y(z))
        parts.append(Painted(ellipsoid((0, y, z + 12.2), (16, 14, 5)), _DISC))
        for inset, hu in ((0.0, _CORTEX - 80), (1.7, _MARROW - 20)):
            parts.append(Painted(_vertebra(y, z, inset), hu))
        for side in (-1.0, 1.0):
            parts.append(Painted(capsule((side * 9, y + 14, z), (side * 8, y + 26, z), 4.5), 480.0))
            parts.append(
                Painted(capsule((side * 8, y + 26, z), (side * 30, y + 31, z + 5), 4.0), 450.0)
            )
        parts.append(Painted(capsule((0, y + 28, z), (0, y + 47, z - 20), 3.6, 4.2), 480.0))
    for number in range(-40, 32):
        z = 5.0 * number
        y = float(spine_y(z)) + 21
        parts.append(Painted(capsule((0, y, z), (0, y, z + 5), 6.5), 25.0))
    return parts


def _vertebra(y: float, z: float, inset: float) -> Solid:
    def distance(x: Floats, yy: Floats, zz: Floats) -> Floats:
        ring = np.sqrt((x / (18 - inset)) ** 2 + ((yy - y) / (15 - inset)) ** 2)
        # Waisted between its end plates.
        waist = 1.5 * (1 - ((zz - z) / 10) ** 2)
        return np.asarray(
            np.maximum((ring - 1) * 16 + waist, np.abs(zz - z) - (10 - inset)), dtype=np.float32
        )

    return Solid(distance, ((-19, y - 16, z - 11), (19, y + 16, z + 11)))


def _clavicles() -> list[Painted]:
    parts = []
    for side in (-1.0, 1.0):
        points = [
            (side * 22, -78.0, 92.0),
            (side * 50, -84.0, 104.0),
            (side * 85, -70.0, 116.0),
            (side * 115, -44.0, 124.0),
            (side * 138, -20.0, 128.0),
        ]
        parts.append(Painted(tuple(chain(points, 6.0)), _CORTEX))
        parts.append(Painted(tuple(chain(points, 3.8)), _MARROW))
    return parts


def _scapulae() -> list[Painted]:
    parts = []
    for side in (-1.0, 1.0):
        blade: list[Solid] = []
        edge: list[Solid] = []
        for row in np.linspace(0.0, 1.0, 44):
            # A curved triangle: wide above, running down to a tip, lying on the ribs.
            z = 112.0 - 122.0 * row
            near = 0.17 + 0.05 * row
            angles = np.linspace(near, near + 0.24 * (1 - row) ** 0.8 + 0.03, 8)
            points = [_under_skin(np.pi * float(a), z, side) for a in angles]
            blade += chain(points, 2.6)
            edge.append(ball(points[-1], 4.2))
        parts.append(Painted(tuple(blade), 480.0))
        spine = [
            _under_skin(np.pi * (0.18 + 0.045 * n), 84.0 + 6.0 * n, side, -6.0) for n in range(6)
        ]
        parts.append(Painted((*edge, *chain(spine, 4.0)), 560.0))
        parts.append(Painted(ellipsoid((side * 138, 6, 120), (12, 13, 14)), 380.0))
    return parts


def _under_skin(angle: float, z: float, side: float, deeper: float = 0.0) -> Point:
    rise = float(np.clip((z + 10) / 150, 0, 1))
    inset = 19.0 + 9.0 * rise + deeper
    s, c = abs(np.sin(angle)), np.cos(angle)
    depth = 114.0 - 14.0 * rise * rise * (3 - 2 * rise) - inset
    width = 172.0 - 4.0 * rise - inset
    reach = (s**2.5 + abs(c) ** 2.5) ** (-1 / 2.5)
    return side * width * reach * float(s), depth * reach * float(c) + 4.0 * rise, z
