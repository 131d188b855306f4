"""Generated bodies for training: nodules, and vessels, forks and plaques that are none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, gaussian_filter1d

Floats = NDArray[np.float32]
KINDS = ("solid", "solid", "solid", "part-solid", "ground-glass", "calcified")


@dataclass(frozen=True, eq=False, slots=True)
class Body:
    """Something to blend into a lung: what share of each voxel it fills, and its values."""

    share: Floats
    hu: Floats


def _coordinates(size: int) -> tuple[Floats, Floats, Floats]:
    axis = np.arange(size, dtype=np.float32) - (size - 1) / 2
    k, j, i = np.meshgrid(axis, axis, axis, indexing="ij")
    return k, j, i


def _soft(distance: Floats, blur: float) -> Floats:
    """Share inside a surface, from the signed distance (mm, negative inside)."""
    return np.asarray(1 / (1 + np.exp(np.clip(distance / (0.45 * blur), -30, 30))), np.float32)


def _rotation(rng: np.random.Generator) -> NDArray[np.float64]:
    q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return np.asarray(q)


def _texture(shape: tuple[int, ...], sd: float, rng: np.random.Generator) -> Floats:
    noise = gaussian_filter(rng.normal(size=shape), rng.uniform(0.4, 0.9))
    return np.asarray(noise / noise.std() * sd, np.float32)


def nodule(diameter: float, rng: np.random.Generator) -> Body:
    """A lobulated, perhaps spiculated ellipsoid of one of the usual kinds."""
    size = int(np.ceil(diameter * 1.8)) + 10
    points = np.stack(_coordinates(size), -1) @ _rotation(rng).astype(np.float32)
    stretch = rng.uniform(0.72, 1.2, 3)
    stretch /= np.cbrt(stretch.prod())
    points = np.asarray(points / stretch, dtype=np.float32)
    radius = np.linalg.norm(points, axis=-1) + 1e-3
    surface = np.full(radius.shape, diameter / 2, dtype=np.float64)
    for _ in range(rng.integers(2, 7)):
        axis = rng.normal(size=3)
        cosine = points @ (axis / np.linalg.norm(axis)).astype(np.float32) / radius
        bump = rng.uniform(-0.16, 0.16) * diameter / 2
        surface += bump * np.cos(rng.integers(1, 4) * np.arccos(np.clip(cosine, -1, 1)))
    if diameter > 6 and rng.random() < 0.3:
        for _ in range(rng.integers(4, 14)):
            axis = rng.normal(size=3)
            cosine = points @ (axis / np.linalg.norm(axis)).astype(np.float32) / radius
            length = rng.uniform(0.15, 0.5) * diameter / 2
            surface += length * np.clip((cosine - 0.9) / 0.1, 0, 1) ** 2
    distance = radius - surface
    blur = rng.uniform(0.5, 1.4)
    kind = KINDS[rng.integers(len(KINDS))]
    if kind == "ground-glass" and diameter < 5:
        kind = "solid"
    share = _soft(distance, blur)
    texture = _texture(radius.shape, rng.uniform(8, 45), rng)
    if kind == "solid":
        return Body(share, rng.uniform(-80, 90) + texture)
    if kind == "calcified":
        core = _soft(distance + rng.uniform(0.1, 0.4) * diameter, blur)
        return Body(share, rng.uniform(0, 80) + core * rng.uniform(150, 700) + texture)
    glass = rng.uniform(-720, -450)
    if kind == "ground-glass":
        return Body(share * rng.uniform(0.8, 1.0), glass + texture)
    core = _soft(distance + rng.uniform(0.15, 0.35) * diameter, blur)
    return Body(share, glass + core * (rng.uniform(-100, 60) - glass) + texture)


def not_a_nodule(rng: np.random.Generator) -> Body:
    """A rod, a fork or a sheet, drawn like the nodules so that drawing alone tells nothing."""
    size = 48
    points = np.stack(_coordinates(size), -1)
    blur = rng.uniform(0.5, 1.4)
    radius = np.exp(rng.uniform(np.log(1.0), np.log(7.0)))
    if rng.random() < 0.2:
        normal = _rotation(rng)[0].astype(np.float32)
        bend = rng.uniform(0, 0.01) * np.linalg.norm(points, axis=-1) ** 2
        distance = np.abs(points @ normal + bend) - radius / 2
    else:
        distance = np.full(points.shape[:-1], 99.0, np.float32)
        main = rng.normal(size=3)
        main /= np.linalg.norm(main)
        ends = [(-main, radius), (main, radius * rng.uniform(0.7, 1.0))]
        if rng.random() < 0.6:
            side = main + rng.normal(size=3) * rng.uniform(0.4, 1.2)
            ends.append((side / np.linalg.norm(side), radius * rng.uniform(0.4, 1.0)))
        bow = rng.normal(size=3) * rng.uniform(0, 0.012)
        for direction, r in ends:
            along = np.clip(points @ direction.astype(np.float32), 0, None)
            centre = along[..., None] * direction + along[..., None] ** 2 * bow
            d = np.linalg.norm(points - centre, axis=-1) - r
            distance = np.minimum(distance, d)
    values = rng.uniform(-60, 200) + _texture(distance.shape, rng.uniform(8, 45), rng)
    edge = (size - 1) / 2 - np.abs(points).max(axis=-1)
    return Body(_soft(distance, blur) * np.clip(edge / 4, 0, 1).astype(np.float32), values)


def blended(block: Floats, body: Body, slice_mm: float) -> Floats:
    """A cube of lung (1 mm) with a body in its middle, blurred along k as slices would be."""
    share, hu = body.share, body.hu
    if slice_mm > 1.2:
        share = gaussian_filter1d(share, 0.35 * slice_mm, axis=0, mode="constant")
    n, m = block.shape[0], share.shape[0]
    out = block.copy()
    low = (n - m) // 2
    if low < 0:
        share = share[-low : -low + n, -low : -low + n, -low : -low + n]
        hu = hu[-low : -low + n, -low : -low + n, -low : -low + n]
        low, m = 0, n
    at = (slice(low, low + m),) * 3
    brighter = np.maximum(hu, block[at] - 250)
    out[at] = block[at] * (1 - share) + brighter * share
    return out
