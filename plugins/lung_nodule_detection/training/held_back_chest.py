"""A second, independent generator of chests with nodules: numpy alone, kept for measuring.

It shares nothing with the training generator. Vessels branch at random, touch
nodules and have their density; the pleura has bumps; there are fissures,
scars, motion beside the heart, and noise with the deviation and grain that
`measure_noise` found on real CT.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Field = NDArray[np.float32]

NOISE = ((18.0, 1.15), (53.0, 0.45), (23.0, 0.85), (15.0, 0.8), (42.0, 0.35))
"""Deviation in soft tissue (HU) and grain (Gaussian sigma, mm) of five real series."""
BODY_MM, HEIGHT_MM = (168.0, 118.0), 230.0
LUNG_AXES_MM = (58.0, 84.0, 105.0)


@dataclass(frozen=True, slots=True)
class TrueNodule:
    """What was drawn: centre (x, y, z) mm, diameter of the ball of equal volume, kind, place."""

    centre_mm: tuple[float, float, float]
    diameter_mm: float
    kind: str
    place: str


@dataclass(frozen=True, eq=False, slots=True)
class HeldBackChest:
    """A generated CT.

    Attributes
    ----------
    hu : (k, j, i) ndarray of int16
    spacing_mm : (k, j, i)
    origin_mm : (x, y, z)
        Of the first voxel's centre; k, j, i run to Superior, Posterior, Left.
    nodules : tuple of TrueNodule
    """

    hu: NDArray[np.int16]
    spacing_mm: tuple[float, float, float]
    origin_mm: tuple[float, float, float]
    nodules: tuple[TrueNodule, ...]


class Scene:
    """A picture in the making: voxel places along each axis and Hounsfield values."""

    def __init__(self, spacing: tuple[float, float, float]) -> None:
        size = (HEIGHT_MM + 30, 2 * BODY_MM[1] + 20, 2 * BODY_MM[0] + 20)
        counts = [int(n / s) for n, s in zip(size, spacing, strict=True)]
        self.axes = [
            ((np.arange(n) - (n - 1) / 2) * s).astype(np.float32)
            for n, s in zip(counts, spacing, strict=True)
        ]
        self.hu = np.full(counts, -1000, np.float32)

    def near(self, low: Vector, high: Vector) -> tuple[tuple[slice, ...], list[Field]]:
        """Index box of a box in (x, y, z) mm, and open coordinates (x, y, z) in it."""
        box = tuple(
            slice(*np.searchsorted(axis, (low[2 - n], high[2 - n])))
            for n, axis in enumerate(self.axes)
        )
        z, y, x = np.ix_(*(axis[b] for axis, b in zip(self.axes, box, strict=True)))
        return box, [x, y, z]

    def blend(self, box: tuple[slice, ...], share: Field, hu: float | Field) -> None:
        """Mix a value into a box."""
        self.hu[box] += share * (hu - self.hu[box])


def edge(distance: Field, width: float = 0.9) -> Field:
    """Share inside a surface that is `width` mm soft, from the signed distance."""
    return np.clip(0.5 - distance / width, 0, 1).astype(np.float32)


def lung_distance(x: Field, y: Field, z: Field, side: int) -> Field:
    """Signed distance, roughly, of one lung; side -1 is the right one, +1 the left."""
    a, b, c = LUNG_AXES_MM
    u, v, w = (x - side * 74) / a, y / b, (z - 5) / c
    taper = 1 + 0.25 * np.clip(w, 0, 1) ** 2
    radius = np.sqrt((u * taper) ** 2 + (v * taper) ** 2 + np.abs(w) ** 2.4)
    body = (radius - 1) * a
    dome = np.sqrt((x - side * 70) ** 2 + (y / 1.2) ** 2 + (1.2 * (z + 150)) ** 2)
    heart = np.sqrt(((x - 28) / 1.15) ** 2 + (y + 28) ** 2 + ((z + 35) / 1.1) ** 2)
    return np.maximum(np.maximum(body, 88 - dome), 48 - heart)


def _depth(place: Vector, side: int) -> float:
    """Signed distance of one point (x, y, z)."""
    x, y, z = np.asarray(place, dtype=np.float32).reshape(3, 1)
    return float(lung_distance(x, y, z, side)[0])


def vessel_segments(side: int, rng: np.random.Generator) -> list[tuple[Vector, Vector, float]]:
    """Straight pieces (start, stop, radius) of trees that fork at random from the hilum."""
    segments: list[tuple[Vector, Vector, float]] = []
    hilum = np.array([side * 30.0, 8.0, 5.0])
    for _ in range(16):
        goal = rng.normal(size=3) * (0.6, 1.0, 1.3) + (side * 0.8, 0, 0)
        stack = [(hilum + rng.normal(size=3) * 7, goal, float(rng.uniform(2.5, 5.5)))]
        grown = len(segments)
        while stack and len(segments) - grown < 350:
            at, way, radius = stack.pop(int(rng.integers(len(stack))))
            way = way / np.linalg.norm(way)
            run = rng.uniform(6, 11) * (1 + 0.3 * radius)
            for _ in range(int(run / 3) + 1):
                way = way + rng.normal(size=3) * 0.16
                way /= np.linalg.norm(way)
                stop = at + 3 * way
                segments.append((at, stop, radius))
                at, radius = stop, radius * 0.993
            depth = _depth(at, side)
            if radius < 0.5 or (depth > -1 and np.linalg.norm(at - hilum) > 30):
                continue
            share = rng.uniform(0.25, 0.75)
            for part in (share, 1 - share):
                turn = rng.normal(size=3) * (0.75 if part < 0.5 else 0.4)
                stack.append((at, way + turn, radius * part ** (1 / 3)))
    return segments


def draw_rod(scene: Scene, start: Vector, stop: Vector, radius: float, hu: float) -> None:
    """A straight piece of a vessel with round ends."""
    low = np.minimum(start, stop) - radius - 1
    high = np.maximum(start, stop) + radius + 1
    box, (x, y, z) = scene.near(low, high)
    if 0 in scene.hu[box].shape:
        return
    way = stop - start
    t = ((x - start[0]) * way[0] + (y - start[1]) * way[1] + (z - start[2]) * way[2]) / (way @ way)
    t = np.clip(t, 0, 1)
    gap = [c - s - t * w for c, s, w in zip((x, y, z), start, way, strict=True)]
    distance = np.sqrt(gap[0] ** 2 + gap[1] ** 2 + gap[2] ** 2) - radius
    share = edge(distance)
    scene.hu[box] = np.maximum(scene.hu[box], scene.hu[box] * (1 - share) + hu * share)


def draw_nodule(
    scene: Scene, centre: Vector, diameter: float, kind: str, hu: float, rng: np.random.Generator
) -> TrueNodule:
    """A cluster of overlapping balls; returns what was drawn, place left open."""
    balls = [(np.zeros(3), 0.43 * diameter)]
    for _ in range(rng.integers(2, 7)):
        way = rng.normal(size=3)
        radius = rng.uniform(0.2, 0.33) * diameter
        balls.append((way / np.linalg.norm(way) * (0.5 * diameter - radius), radius))
    reach = 0.6 * diameter + 2
    box, (x, y, z) = scene.near(centre - reach, centre + reach)
    distance = np.full(scene.hu[box].shape, 99.0, np.float32)
    for offset, radius in balls:
        p = centre + offset
        d = np.sqrt((x - p[0]) ** 2 + (y - p[1]) ** 2 + (z - p[2]) ** 2) - radius
        distance = np.minimum(distance, d)
    share = edge(distance, float(rng.uniform(0.8, 2.0)))
    if kind in ("ground-glass", "part-solid"):
        scene.blend(box, share, float(rng.uniform(-680, -480)))
        if kind == "part-solid":
            scene.blend(box, edge(distance + 0.22 * diameter, 1.5), float(rng.uniform(-60, 50)))
    else:
        scene.blend(box, share, hu)
        if kind == "calcified":
            scene.blend(box, edge(distance + 0.2 * diameter, 1.0), float(rng.uniform(250, 600)))
    voxel = np.prod([axis[1] - axis[0] for axis in scene.axes])
    inside = distance < 0
    volume = float(np.count_nonzero(inside)) * float(voxel)
    k, j, i = (scene.axes[n][box[n]] for n in range(3))
    at = np.argwhere(inside).mean(axis=0) if inside.any() else np.zeros(3)
    place = (
        float(np.interp(at[2], np.arange(len(i)), i)),
        float(np.interp(at[1], np.arange(len(j)), j)),
        float(np.interp(at[0], np.arange(len(k)), k)),
    )
    return TrueNodule(place, (6 * volume / np.pi) ** (1 / 3), kind, "")


def _torso(scene: Scene, rng: np.random.Generator, blood: float, lung_hu: float) -> None:
    z, y, x = np.ix_(*scene.axes)
    a, b = BODY_MM
    skin = (np.sqrt((x / a) ** 2 + (y / b) ** 2) - 1) * b
    wall = (np.sqrt((x / (a - 16)) ** 2 + (y / (b - 14)) ** 2) - 1) * b
    rib_phase = rng.uniform(0, 30)
    for k in range(len(scene.hu)):
        scene.hu[k] += edge(skin[0]) * (-100 - scene.hu[k])
        scene.hu[k] += edge(wall[0]) * (45 - scene.hu[k])
        height = z[k]
        heart = np.sqrt(((x[0] - 28) / 1.15) ** 2 + (y[0] + 28) ** 2 + ((height + 35) / 1.1) ** 2)
        scene.hu[k] += edge(heart - 44) * (blood - scene.hu[k])
        for side in (-1, 1):
            d = lung_distance(x[0], y[0], np.full_like(x[0], height), side)
            slope = lung_hu + 40 * y[0] / 84
            scene.hu[k] += edge(d) * (slope - scene.hu[k])
        rib = np.abs((height + 0.35 * y[0] + rib_phase) % 30 - 15) - 5
        ring = np.abs(wall[0] + 7) - 3.5
        scene.hu[k] += edge(np.maximum(rib, ring)) * (350 - scene.hu[k])
        spine = np.sqrt(x[0] ** 2 + (y[0] - 80) ** 2) - 20
        scene.hu[k] += edge(spine) * (220 - scene.hu[k])
        if height > 10:
            scene.hu[k] += edge(np.sqrt(x[0] ** 2 + (y[0] - 12) ** 2) - 8) * (-990 - scene.hu[k])


def _surface_point(side: int, rng: np.random.Generator) -> tuple[Vector, Vector]:
    """A point on a lung's outer surface and the way inwards."""
    while True:
        way = rng.normal(size=3)
        way /= np.linalg.norm(way)
        if way[0] * side < -0.2:
            continue
        start = np.array([side * 74.0, 0.0, 10.0])
        reach = np.arange(10, 130, 0.5, dtype=np.float32)
        line = start + reach[:, None] * way
        px, py, pz = line.astype(np.float32).T
        d = lung_distance(px, py, pz, side)
        beyond = np.flatnonzero(d > 0)
        if beyond.size and beyond[0] > 4:
            return line[beyond[0]], -way


def _distractors(scene: Scene, side: int, rng: np.random.Generator) -> None:
    for _ in range(rng.integers(4, 9)):
        point, inwards = _surface_point(side, rng)
        width, height = rng.uniform(5, 13), rng.uniform(1.5, 4.0)
        box, (x, y, z) = scene.near(point - width - 2, point + width + 2)
        along = (
            (x - point[0]) * inwards[0] + (y - point[1]) * inwards[1] + (z - point[2]) * inwards[2]
        )
        square = (x - point[0]) ** 2 + (y - point[1]) ** 2 + (z - point[2]) ** 2
        lens = np.sqrt((square - along**2) / width**2 + (along / height) ** 2)
        scene.blend(box, edge((lens - 1) * height), float(rng.uniform(-20, 60)))
    for _ in range(rng.integers(1, 4)):
        point, inwards = _surface_point(side, rng)
        bend = np.cross(inwards, rng.normal(size=3))
        for _ in range(int(rng.uniform(6, 16))):
            draw_rod(scene, point, point + 2.5 * inwards, float(rng.uniform(0.7, 1.6)), -60.0)
            point = point + 2.5 * inwards
            inwards = inwards + 0.08 * bend
            inwards /= np.linalg.norm(inwards)


def held_back_chest(seed: int) -> HeldBackChest:
    """Generate one; equal seeds give equal voxels."""
    rng = np.random.default_rng([77, seed])
    thickness = float(rng.choice([1.0, 1.25, 2.0, 2.5]))
    pixel = float(rng.uniform(0.7, 0.95))
    parts = int(np.ceil(thickness / 1.25))
    scene = Scene((thickness / parts, pixel, pixel))
    blood = float(rng.choice([40, 40, 120, 200]))
    lung_hu = float(rng.uniform(-890, -800))
    _torso(scene, rng, blood, lung_hu)
    nodules: list[TrueNodule] = []
    for side in (-1, 1):
        segments = vessel_segments(side, rng)
        for start, stop, radius in segments:
            draw_rod(scene, start, stop, radius, blood)
        _distractors(scene, side, rng)
        nodules += _nodules(scene, side, segments, blood, nodules, rng)
    _move(scene, rng)
    hu = scene.hu
    if parts > 1:
        count = len(hu) // parts
        hu = hu[: count * parts].reshape(count, parts, *hu.shape[1:]).mean(axis=1)
    spacing = (thickness, pixel, pixel)
    _add_noise(hu, spacing, *NOISE[rng.integers(len(NOISE))], rng)
    z0 = float(scene.axes[0][:parts].mean())
    origin = (float(scene.axes[2][0]), float(scene.axes[1][0]), z0)
    return HeldBackChest(
        np.clip(np.rint(hu), -1024, 3071).astype(np.int16), spacing, origin, tuple(nodules)
    )


def _nodules(
    scene: Scene,
    side: int,
    segments: list[tuple[Vector, Vector, float]],
    blood: float,
    others: list[TrueNodule],
    rng: np.random.Generator,
) -> list[TrueNodule]:
    made: list[TrueNodule] = []
    for _ in range(rng.integers(2, 6)):
        for _ in range(50):
            diameter = float(np.exp(rng.uniform(np.log(4.6), np.log(24))))
            kind = str(rng.choice(["solid"] * 6 + ["part-solid", "ground-glass", "calcified"]))
            if diameter < 7 and kind in ("ground-glass", "part-solid"):
                kind = "solid"
            place = str(rng.choice(["free", "vessel", "pleura"]))
            if place == "pleura":
                point, inwards = _surface_point(side, rng)
                centre = point + inwards * diameter * rng.uniform(0.15, 0.5)
            elif place == "vessel":
                start, _, radius = segments[rng.integers(len(segments))]
                way = rng.normal(size=3)
                gap = rng.uniform(0.5, 0.95) * diameter / 2 + radius
                centre = start + way / np.linalg.norm(way) * gap
            else:
                centre = rng.uniform(-1, 1, 3) * LUNG_AXES_MM + (side * 74, 0, 5)
            depth = _depth(centre, side)
            limit = -1.0 if place == "pleura" else -0.5 * diameter
            apart = [
                np.linalg.norm(centre - o.centre_mm) > (diameter + o.diameter_mm) / 2 + 6
                for o in [*others, *made]
            ]
            if depth < limit and all(apart) and abs(centre[2]) < HEIGHT_MM / 2 - 8:
                break
        else:
            continue
        hu = blood if place == "vessel" else float(rng.uniform(-40, 70))
        drawn = draw_nodule(scene, centre, diameter, kind, hu, rng)
        made.append(TrueNodule(drawn.centre_mm, drawn.diameter_mm, kind, place))
    return made


def _move(scene: Scene, rng: np.random.Generator) -> None:
    """Beside the heart and the diaphragm two phases of a beat lie over each other."""
    if rng.random() < 0.5:
        return
    shift = int(rng.integers(2, 5))
    fade = np.clip((scene.axes[2] + 10) / 40, 0, 1) * 0.5
    for k in np.flatnonzero(scene.axes[0] < 15):
        moved = np.roll(scene.hu[k], shift, axis=0)
        scene.hu[k] += fade[None] * (moved - scene.hu[k])


def _add_noise(
    hu: Field, spacing: tuple[float, ...], sd: float, grain_mm: float, rng: np.random.Generator
) -> None:
    sigma = grain_mm / spacing[1]
    reach = int(np.ceil(3 * sigma)) or 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(sigma, 1e-3)) ** 2)
    kernel /= np.sqrt((kernel**2).sum())
    for k in range(len(hu)):
        noise = rng.normal(size=hu.shape[1:])
        for axis in (0, 1):
            noise = sum(w * np.roll(noise, n - reach, axis=axis) for n, w in enumerate(kernel))
        local = 0.45 + 0.55 * np.clip((hu[k] + 900) / 950, 0, 1)
        hu[k] += sd * local * noise
