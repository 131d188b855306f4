"""Where the pleural cavity, the diaphragm, the mediastinum and both lungs end."""

from __future__ import annotations

import numpy as np

from medview.testing.phantoms.anatomy import ThoraxAnatomy
from medview.testing.phantoms.painter import Distance, Floats, Solid

HALF_WIDTH, HALF_DEPTH, CENTRE_Y = 131.0, 91.0, -4.0
BASE_Z, APEX_Z = -150.0, 126.0
_POWER = 2.35
_RISE = 3.2

CHEST_BOUNDS = ((-150.0, -112.0, -190.0), (150.0, 106.0, 132.0))


def cavity_level(x: Floats, y: Floats, z: Floats) -> Floats:
    """Level of the rib cage's superquadric: 1 on the pleura, less inside."""
    t = np.clip((z - BASE_Z) / (APEX_Z - BASE_Z), 0, None)
    level = (
        np.abs(x / HALF_WIDTH) ** _POWER + np.abs((y - CENTRE_Y) / HALF_DEPTH) ** _POWER + t**_RISE
    )
    return np.asarray(level ** (1 / _POWER), dtype=np.float32)


def cavity_distance(x: Floats, y: Floats, z: Floats) -> Floats:
    """Approximate distance to the inner chest wall in mm, negative inside."""
    return (cavity_level(x, y, z) - 1) * np.float32(105.0)


def wall_point(angle: float, z: float, level: float) -> tuple[float, float, float]:
    """A point of the rib cage at height `z`; angle 0 is the back, pi/2 the left, pi the front."""
    t = max(0.0, (z - BASE_Z) / (APEX_Z - BASE_Z))
    width = max(level**_POWER - t**_RISE, 1e-3) ** (1 / _POWER)
    s, c = np.sin(angle), np.cos(angle)
    reach = (abs(s) ** _POWER + abs(c) ** _POWER) ** (-1 / _POWER)
    return (
        float(HALF_WIDTH * width * reach * s),
        float(CENTRE_Y + HALF_DEPTH * width * reach * c),
        z,
    )


def spine_y(z: Floats | float) -> Floats:
    """Where the middle of the vertebral bodies lies: the back is bent (kyphosis)."""
    return np.asarray(60.0 - 21.0 * ((np.asarray(z) + 25.0) / 135.0) ** 2, dtype=np.float32)


def diaphragm_z(anatomy: ThoraxAnatomy, x: Floats, y: Floats) -> Floats:
    """Height of the diaphragm: two domes that fall towards the ribs."""
    right = anatomy.dome_right_mm - 66.0 * (((x + 66) / 74) ** 2 + ((y + 8) / 84) ** 2)
    left = anatomy.dome_left_mm - 60.0 * (((x - 70) / 70) ** 2 + ((y + 6) / 84) ** 2)
    # Where it is fixed to the ribs: higher in front than at the back.
    rim = -128.0 - 0.3 * y
    domes = _smooth_max(right, left, 14.0)
    return np.asarray(_smooth_max(domes, rim, 12.0), dtype=np.float32)


def mediastinum_distance(anatomy: ThoraxAnatomy, x: Floats, y: Floats, z: Floats) -> Floats:
    """Distance to what lies between the lungs: heart, great vessels, spine, midline."""
    h = np.float32(anatomy.heart)
    # Below its middle the heart is continued down, so that no lung creeps beneath it.
    heart = _round((x - 24) / (60 * h), (y + 34) / (46 * h), np.maximum(z + 66, 0) / (58 * h), 50.0)
    pedicle = _round((x - 3) / 27, (y + 2) / 40, np.float32(0), 27.0)
    spine = _round(x / 27, (y - spine_y(z) - 12) / 34, np.float32(0), 27.0)
    aorta = np.sqrt((x - 23) ** 2 + (y - spine_y(z) + 16) ** 2) - 14.5
    aorta = np.maximum(aorta, z - 58)
    # The lungs meet in front of the vessels and, further apart, behind the gullet.
    midline = np.abs(x - 2) - anatomy.junction_mm / 2
    solid = _smooth_min(_smooth_min(heart, pedicle, 10.0), _smooth_min(spine, aorta, 6.0), 8.0)
    return np.asarray(np.minimum(solid, midline), dtype=np.float32)


def lung_distance(anatomy: ThoraxAnatomy, side: str) -> Distance:
    """Signed distance of the ``"right"`` or ``"left"`` lung."""
    sign = np.float32(1.0 if side == "right" else -1.0)

    def distance(x: Floats, y: Floats, z: Floats) -> Floats:
        wall = cavity_distance(x, y, z)
        floor = (diaphragm_z(anatomy, x, y) - z) * np.float32(0.75)
        middle = -mediastinum_distance(anatomy, x, y, z)
        d = _smooth_max(_smooth_max(wall, middle, 5.0), floor, 5.0)
        return np.asarray(np.maximum(d, (x - 2) * sign), dtype=np.float32)

    return distance


def lung(anatomy: ThoraxAnatomy, side: str) -> Solid:
    """One lung as a solid."""
    low, high = CHEST_BOUNDS
    if side == "right":
        return Solid(lung_distance(anatomy, side), (low, (4.0, high[1], high[2])))
    return Solid(lung_distance(anatomy, side), ((0.0, low[1], low[2]), high))


def _round(u: Floats, v: Floats, w: Floats | np.float32, scale: float) -> Floats:
    return np.asarray((np.sqrt(u * u + v * v + w * w) - 1) * np.float32(scale), dtype=np.float32)


def _smooth_min(a: Floats, b: Floats, width: float) -> Floats:
    h = np.maximum(width - np.abs(a - b), 0) / np.float32(width)
    return np.asarray(np.minimum(a, b) - h * h * np.float32(width / 4), dtype=np.float32)


def _smooth_max(a: Floats, b: Floats, width: float) -> Floats:
    return -_smooth_min(-a, -b, width)
