"""Dense disease painted into lungs that have none: masses, consolidation, effusion."""

from __future__ import annotations

import numpy as np
from medview_lung_segmentation.network.sampling import SPACING_MM
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float32]
_KINDS = ("mass", "central mass", "consolidation", "ground glass", "effusion")
_MOST = 3

Shares = tuple[float, float, float, float, float]
"""How often each of mass, central mass, consolidation, ground glass and effusion is painted."""


def diseased(
    hu: Floats,
    truth: NDArray[np.uint8],
    shares: Shares,
    longest: float,
    rng: np.random.Generator,
) -> Floats:
    """A copy of `hu` with one to three lesions inside the lungs of `truth`.

    Central masses are stretched along the body up to `longest` times; those that are lie at the
    hilum and beside the spine, never in front, where the heart alone bulges into the lungs.
    """
    out = hu.copy()
    for _ in range(rng.integers(1, _MOST + 1)):
        lung = truth == rng.integers(1, 3)
        places = np.argwhere(lung)
        if len(places) == 0:
            continue
        kind = rng.choice(_KINDS, p=shares)
        if kind == "effusion":
            _effusion(out, lung, places, rng)
            continue
        if kind == "central mass":
            # The side that faces the other lung: masses there touch the mediastinum.
            middle = (truth.shape[2] - 1) / 2
            reach = np.abs(places[:, 2] - middle)
            places = places[reach <= np.quantile(reach, 0.2)]
            if longest > 1:
                places = places[places[:, 1] >= np.quantile(places[:, 1], 0.4)]
        centre = places[rng.integers(len(places))]
        _lesion(out, lung, centre, str(kind), longest if kind == "central mass" else 1, rng)
    return out


def with_larger_heart(
    hu: Floats, truth: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[Floats, NDArray[np.uint8]]:
    """Copies in which the heart takes a part of both lungs: soft tissue that is no lung."""
    places = np.argwhere(truth > 0)
    if len(places) == 0:
        return hu, truth
    low, high = places.min(axis=0), places.max(axis=0)
    share = np.array([rng.uniform(0.2, 0.5), rng.uniform(0.25, 0.5), rng.uniform(0.42, 0.62)])
    centre = low + share * (high - low)
    radii = rng.uniform((35, 35, 45), (75, 65, 85)) / SPACING_MM
    index = np.ogrid[tuple(slice(0, n) for n in hu.shape)]
    level = sum(((x - c) / r) ** 2 for x, c, r in zip(index, centre, radii, strict=True))
    taken = (level < 1) & (truth > 0)
    out, left = hu.copy(), truth.copy()
    texture = ndimage.gaussian_filter(rng.normal(size=hu.shape), 1)[taken] * rng.uniform(5, 60)
    out[taken] = rng.choice((-60.0, 40.0, 40.0, 150.0)) + texture
    left[taken] = 0
    return out, left


def _effusion(
    hu: Floats, lung: NDArray[np.bool_], places: NDArray[np.intp], rng: np.random.Generator
) -> None:
    """Fluid up to a level that is tilted along the body; a lying person's lies behind."""
    level = np.quantile(places[:, 1], rng.uniform(0.2, 0.85))
    k = np.arange(hu.shape[0])[:, None, None] - places[:, 0].mean()
    j = np.arange(hu.shape[1])[None, :, None]
    fluid = lung & (j + rng.uniform(-0.6, 0.2) * k > level)
    hu[fluid] = rng.uniform(-10, 45) + rng.normal(0, 10, np.count_nonzero(fluid))


def _lesion(
    hu: Floats,
    lung: NDArray[np.bool_],
    centre: NDArray[np.intp],
    kind: str,
    longest: float,
    rng: np.random.Generator,
) -> None:
    """An ellipsoid with a bumpy surface, soft edge and texture."""
    low_mm, high_mm = (25.0, 100.0) if kind == "consolidation" else (12.0, 60.0)
    radii = rng.uniform(low_mm, high_mm) / SPACING_MM * np.exp(rng.normal(0, 0.25, 3))
    if longest > 1:
        radii[0] *= rng.uniform(1, longest)
    low = np.maximum(0, (centre - 1.4 * radii).astype(int))
    high = np.minimum(hu.shape, (centre + 1.4 * radii).astype(int) + 2)
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    index = np.ogrid[box]
    level = sum(((x - c) / r) ** 2 for x, c, r in zip(index, centre, radii, strict=True))
    bumps = ndimage.gaussian_filter(rng.normal(size=np.shape(level)), 2)
    bumps /= bumps.std() + 1e-6
    inside = (level + 0.35 * bumps < 1) & lung[box]
    cover = ndimage.gaussian_filter(inside.astype(np.float32), 0.6) * lung[box]
    if kind == "consolidation" and rng.random() < 0.5:
        cover = cover * (bumps < 1.3)  # what stays aerated inside
    low_hu, high_hu = {"consolidation": (-60, 90), "ground glass": (-650, -250)}.get(kind, (0, 110))
    texture = ndimage.gaussian_filter(rng.normal(size=cover.shape), 0.7) * rng.uniform(5, 60)
    hu[box] = hu[box] * (1 - cover) + cover * (rng.uniform(low_hu, high_hu) + texture)
