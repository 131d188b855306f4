"""Trunk, heart, great vessels and the organs below the diaphragm."""

from __future__ import annotations

import numpy as np

from medview.testing.phantoms.anatomy import ThoraxAnatomy
from medview.testing.phantoms.chest import (
    CHEST_BOUNDS,
    cavity_distance,
    cavity_level,
    diaphragm_z,
    spine_y,
)
from medview.testing.phantoms.painter import Floats, Painted, Solid
from medview.testing.phantoms.solids import Point, capsule, chain, ellipsoid

_TRUNK_BOUNDS = ((-185.0, -130.0, -400.0), (185.0, 130.0, 400.0))
_ARCH_BRANCHES: tuple[tuple[Point, tuple[float, float]], ...] = (
    ((6, -14, 62), (-22, -8)),
    ((14, -4, 68), (16, 0)),
    ((19, 10, 68), (28, 4)),
)
SKIN, FAT, MUSCLE, BLOOD = 20.0, -105.0, 52.0, 42.0


def trunk(anatomy: ThoraxAnatomy) -> list[Painted]:
    """Skin, subcutaneous fat, muscle and the tissue that fills the rib cage."""
    fat = anatomy.fat_mm
    layers = [
        Painted(_trunk(0.0), SKIN),
        Painted(_trunk(2.0), FAT),
        Painted(_trunk(2.0 + fat), MUSCLE),
    ]
    # A plane of fat parts the outer muscles from the rib cage.
    layers.append(Painted(_between(1.185, 1.215, fat), -70.0))
    layers.append(Painted(Solid(lambda x, y, z: _inside(x, y, z, 1.0), CHEST_BOUNDS), -88.0))
    if anatomy.arms:
        for side in (-1.0, 1.0):
            arm = [(side * 205, 10.0, 400.0), (side * 208, 14.0, -400.0)]
            layers += [
                Painted(s, hu)
                for radius, hu in ((42.0, SKIN), (40.0, FAT), (33.0, MUSCLE), (12.0, 700.0))
                for s in chain(arm, radius)
            ]
    return layers


def mediastinum(anatomy: ThoraxAnatomy) -> list[Painted]:
    """Heart with its chambers, aorta, pulmonary arteries, veins, gullet and thymus fat."""
    h = anatomy.heart
    blood, wall = BLOOD + anatomy.contrast_hu, 75.0 + 0.2 * anatomy.contrast_hu
    arch = [(14, -20, 20), (14, -24, 46), (13, -14, 60), (17, 8, 66), (21, 30, 58)]
    parts = [
        Painted(ellipsoid((24, -34, -68), (55 * h, 41 * h, 50 * h), 25), wall),
        Painted(ellipsoid((46, -28, -74), (25 * h, 18 * h, 36 * h), 25), blood),
        Painted(ellipsoid((6, -58, -72), (26 * h, 16 * h, 36 * h), 25), blood),
        Painted(ellipsoid((-22, -30, -62), (17 * h, 20 * h, 28 * h)), blood),
        Painted(ellipsoid((14, 0, -50), (26 * h, 14 * h, 22 * h)), blood),
        Painted(capsule((8, -36, -40), (14, -20, 20), 15.0), blood),
        *[Painted(s, blood) for s in chain(arch, 13.0)],
        *[Painted(s, blood) for s in chain(_descending(), 12.0)],
        Painted(capsule((24, -48, -40), (24, -26, 12), 14.0), blood),
        Painted(capsule((24, -26, 12), (38, 4, 14), 11.0, 9.0), blood),
        Painted(capsule((22, -22, 8), (-34, -2, 6), 10.5, 9.0), blood),
        Painted(capsule((-22, -22, -40), (-21, -16, 80), 9.0), blood),
        Painted(capsule((-21, -16, 80), (-32, -30, 112), 8.0), blood),
        Painted(capsule((-21, -18, 76), (36, -38, 100), 7.0), blood),
        *[
            Painted(capsule(start, (end[0], end[1], 170.0), 5.0), blood)
            for start, end in _ARCH_BRANCHES
        ],
        Painted(capsule((-20, -18, -60), (-20, -6, -160), 11.0), blood),
    ]
    gullet = [(4.0, float(spine_y(float(z))) - 24.0, float(z)) for z in range(-150, 171, 20)]
    return [*parts, *[Painted(s, 35.0) for s in chain(gullet, 6.5)]]


def abdomen(anatomy: ThoraxAnatomy) -> list[Painted]:
    """Diaphragm, liver, spleen, stomach with its gas, kidneys and bowel gas."""
    gap = 4.0

    def below(x: Floats, y: Floats, z: Floats, depth: float) -> Floats:
        under = (z - diaphragm_z(anatomy, x, y) + depth) * np.float32(0.75)
        return np.asarray(np.maximum(under, cavity_distance(x, y, z) + 1), dtype=np.float32)

    def liver(x: Floats, y: Floats, z: Floats) -> Floats:
        lobe = ellipsoid((-54, -4, -165), (118, 112, 125)).distance(x, y, z)
        return np.asarray(np.maximum(below(x, y, z, gap), lobe))

    def spleen(x: Floats, y: Floats, z: Floats) -> Floats:
        body = ellipsoid((86, 44, -140), (36, 34, 46), 40).distance(x, y, z)
        return np.asarray(np.maximum(below(x, y, z, gap), body))

    def stomach(x: Floats, y: Floats, z: Floats) -> Floats:
        body = ellipsoid((66, -22, -136), (42, 46, 36)).distance(x, y, z)
        return np.asarray(np.maximum(below(x, y, z, gap + 2), body))

    def stomach_gas(x: Floats, y: Floats, z: Floats) -> Floats:
        # Gas gathers in front, above a level of fluid: the person lies on the back.
        return np.asarray(np.maximum(stomach(x, y, z) + 3.5, y + 30))

    low, high = CHEST_BOUNDS
    bounds = ((low[0], low[1], -260.0), (high[0], high[1], -60.0))
    parts = [
        Painted(Solid(lambda x, y, z: below(x, y, z, 0.0), bounds), 45.0),
        Painted(Solid(lambda x, y, z: below(x, y, z, gap), bounds), -95.0),
        Painted(Solid(liver, bounds), 58.0 + 0.3 * anatomy.contrast_hu),
        Painted(Solid(spleen, bounds), 50.0 + 0.4 * anatomy.contrast_hu),
        Painted(Solid(stomach, bounds), 38.0),
        Painted(ellipsoid((-52, 46, -190), (27, 24, 40)), 34.0 + 0.6 * anatomy.contrast_hu),
        Painted(ellipsoid((52, 48, -186), (27, 24, 40)), 34.0 + 0.6 * anatomy.contrast_hu),
        *[Painted(s, BLOOD + anatomy.contrast_hu) for s in chain(_descending(), 12.0)],
    ]
    if anatomy.stomach_gas:
        parts.append(Painted(Solid(stomach_gas, bounds), -985.0))
    if anatomy.bowel_gas:
        colon = [(36, -66, -182), (70, -60, -172), (96, -36, -160), (106, -2, -166)]
        parts += [Painted(s, 40.0) for s in chain(colon, 14.0)]
        parts += [Painted(s, -950.0) for s in chain(colon, 11.5)]
    return parts


def _descending() -> list[tuple[float, float, float]]:
    return [(22.0, float(spine_y(float(z))) - 17.0, float(z)) for z in range(-200, 61, 20)]


def _trunk(inset: float) -> Solid:
    def distance(x: Floats, y: Floats, z: Floats) -> Floats:
        rise = np.clip((z + 10) / 150, 0, 1.4)
        width = 172 - 9 * np.clip((-z - 60) / 110, 0, 1.5) - 4 * rise
        # The trunk is deepest at the lower ribs and flattens towards the shoulders.
        depth = 114 - 17 * rise * rise * (3 - 2 * rise) * 0.8
        q = (np.abs(x) / (width - inset)) ** 2.5 + (np.abs(y - 4 * rise) / (depth - inset)) ** 2.5
        # The edge is scaled by the shorter half axis; skin stays closed at the flanks.
        return np.asarray((q**0.4 - 1) * (depth - inset), dtype=np.float32)

    return Solid(distance, _TRUNK_BOUNDS)


def _inside(x: Floats, y: Floats, z: Floats, level: float) -> Floats:
    return (cavity_level(x, y, z) - np.float32(level)) * np.float32(105)


def _between(low: float, high: float, fat: float) -> Solid:
    trunk_inside = _trunk(4.0 + fat).distance

    def distance(x: Floats, y: Floats, z: Floats) -> Floats:
        level = cavity_level(x, y, z)
        ring = np.maximum(low - level, level - high) * np.float32(105)
        return np.asarray(np.maximum(ring, trunk_inside(x, y, z)), dtype=np.float32)

    return Solid(distance, ((-175, -125, -260), (175, 125, 160)))
