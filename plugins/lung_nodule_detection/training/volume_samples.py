"""Crops to train the 3D network on: drawn nodules, drawn vessels, and what LoG finds in lungs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from medview_lung_nodule_detection.candidates import find_candidates
from medview_lung_nodule_detection.halving import halved
from medview_lung_nodule_detection.volume_crops import volume_crops
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from plugins.lung_nodule_detection.training.backgrounds import Background
from plugins.lung_nodule_detection.training.shapes import Body, blended, nodule, not_a_nodule

BLOCK = 72
AVOID_MM = 30.0


@dataclass(frozen=True, eq=False, slots=True)
class Samples:
    """Crops and whether each shows a nodule."""

    crops: NDArray[np.uint8]
    is_nodule: NDArray[np.bool_]
    is_real: NDArray[np.bool_]


def samples(
    background: Background, positives: int, drawn_negatives: int, hits: int, seed: int
) -> Samples:
    """All crops of one background."""
    rng = np.random.default_rng(seed)
    hu, inside = background.work.hu, background.inside
    lungs = background.work.lungs > 0
    found = find_candidates(hu, lungs, inside, lambda _: None, capped=False)[:hits]
    places = np.array([c.index for c in found])
    far = _far(places, background)
    crops = [volume_crops(hu, halved(hu), places[far])]
    labels = [np.zeros(int(far.sum()), dtype=bool)]
    spots = _spots(background, lungs, places, positives + drawn_negatives, rng)
    for n, spot in enumerate(spots):
        is_nodule = n < positives
        diameter = float(np.exp(rng.uniform(np.log(3.5), np.log(30.0))))
        body = nodule(diameter, rng) if is_nodule else not_a_nodule(rng)
        jitter = rng.normal(size=3) * (0.5 + 0.08 * diameter if is_nodule else 1.5)
        crops.append(_drawn(background, spot, body, jitter))
        labels.append(np.array([is_nodule]))
    nodules = np.concatenate(labels)
    real = np.full(len(nodules), background.is_real)
    return Samples(np.concatenate(crops), nodules, real)


def _drawn(
    background: Background, spot: NDArray[np.intp], body: Body, jitter: NDArray[np.float64]
) -> NDArray[np.uint8]:
    hu = background.work.hu
    index = [
        np.clip(np.arange(s - BLOCK // 2, s + BLOCK // 2), 0, n - 1)
        for s, n in zip(spot, hu.shape, strict=True)
    ]
    slice_mm = background.work.source_spacing_mm[0]
    block = blended(hu[np.ix_(*index)], body, slice_mm)
    limit = np.clip(jitter, -4, 4)
    return volume_crops(block, halved(block), (np.full(3, (BLOCK - 1) / 2) + limit)[None])


def _far(places: NDArray[np.float64], background: Background) -> NDArray[np.bool_]:
    far = np.ones(len(places), dtype=bool)
    for known in background.avoid:
        far &= np.linalg.norm(places - known, axis=1) > AVOID_MM
    return far


def _spots(
    background: Background,
    lungs: NDArray[np.bool_],
    hits: NDArray[np.float64],
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.intp]:
    """Places in the lung: anywhere, at its surface, and beside what LoG finds."""
    anywhere = np.argwhere(lungs)
    surface = np.argwhere(lungs & ~binary_erosion(lungs, iterations=3))
    beside = np.rint(hits + rng.normal(size=hits.shape) * 4).astype(np.intp)
    within = (beside >= 0).all(axis=1) & (beside < lungs.shape).all(axis=1)
    beside = beside[within]
    beside = beside[lungs[tuple(beside.T)]]
    chosen = [
        pool[rng.integers(0, len(pool), share)]
        for pool, share in (
            (anywhere, count // 3),
            (surface, count // 3),
            (beside, count - 2 * (count // 3)),
        )
    ]
    spots = rng.permutation(np.concatenate(chosen))
    return np.asarray(spots[_far(spots.astype(float), background)])
