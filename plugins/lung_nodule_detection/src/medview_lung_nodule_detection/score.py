"""Scores candidates: the 3D network looks at all, the 2D network at those it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from medview.api import Volume, inference
from medview_lung_nodule_detection.candidates import Candidate
from medview_lung_nodule_detection.halving import halved
from medview_lung_nodule_detection.planes import three_planes
from medview_lung_nodule_detection.shipped import load_patch_network, load_volume_network
from medview_lung_nodule_detection.volume_crops import volume_crops
from medview_lung_nodule_detection.working import Working

VOLUME_BATCH, PATCH_BATCH = 32, 6
"""Small, so that a cancelled run ends at once."""
LEAST_VOLUME_SCORE = 0.03
MOST_FOR_PLANES = 100
PATCH_WEIGHT = 0.1
"""Small: the 2D network knows the texture of solid nodules, but little of ground glass at the
pleura. Chosen, with the default threshold, on the real chests that the card lists."""
FAINT_WEIGHT = 0.85
"""Factor of the score where a candidate shows among faint values alone: the 3D network was trained
without such ones, and scores the edges of large vessels too high."""
THICK_MM = 2.0
"""Above this slice spacing the planes across slices look unlike any training patch."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate and what the networks say.

    Attributes
    ----------
    candidate : Candidate
    score : float
        0..1, uncalibrated: the weighted geometric mean of the two, less for faint ones.
    volume_score, patch_score : float
        Of the 3D and of the 2D network.
    """

    candidate: Candidate
    score: float
    volume_score: float
    patch_score: float


def scored(
    source: Volume,
    work: Working,
    candidates: list[Candidate],
    device: str,
    progress: Callable[[float], None],
) -> list[Scored]:
    """Candidates that the 3D network does not refuse, best first."""
    progress(0.0)
    volume_scores = _volume_scores(work, candidates, device, lambda f: progress(0.7 * f))
    order = sorted(range(len(candidates)), key=lambda n: -volume_scores[n])
    left = [n for n in order[:MOST_FOR_PLANES] if volume_scores[n] >= LEAST_VOLUME_SCORE]
    places = [candidates[n] for n in left]
    patch_scores = _patch_scores(source, work, places, device, lambda f: progress(0.7 + 0.3 * f))
    result = [
        Scored(
            candidates[n],
            combined(volume_scores[n], p) * (FAINT_WEIGHT if candidates[n].faint else 1.0),
            volume_scores[n],
            p,
        )
        for n, p in zip(left, patch_scores, strict=True)
    ]
    return sorted(result, key=lambda s: (-s.score, s.candidate.index))


def combined(volume_score: float, patch_score: float) -> float:
    """One score from two."""
    return float(volume_score ** (1 - PATCH_WEIGHT) * patch_score**PATCH_WEIGHT)


def _volume_scores(
    work: Working, candidates: list[Candidate], device: str, progress: Callable[[float], None]
) -> list[float]:
    from medview_lung_nodule_detection.volume_network import averaged_score

    torch = inference.torch
    network = load_volume_network(device)
    half = halved(work.hu)
    scores: list[float] = []
    with torch.inference_mode():
        for start in range(0, len(candidates), VOLUME_BATCH):
            progress(start / len(candidates))
            places = np.array([c.index for c in candidates[start : start + VOLUME_BATCH]])
            crops = torch.from_numpy(volume_crops(work.hu, half, places)).to(device)
            scores += averaged_score(network, crops.float() / 255).tolist()
    return scores


def _patch_scores(
    source: Volume,
    work: Working,
    candidates: list[Candidate],
    device: str,
    progress: Callable[[float], None],
) -> list[float]:
    from medview_lung_nodule_detection.patch_network import averaged_score

    torch = inference.torch
    network = load_patch_network(device)
    planes = 1 if source.grid.spacing_mm[0] > THICK_MM else 3
    scores: list[float] = []
    with torch.inference_mode():
        for start in range(0, len(candidates), PATCH_BATCH):
            progress(start / len(candidates))
            some = candidates[start : start + PATCH_BATCH]
            patches = np.concatenate(
                [three_planes(source, work.to_source(np.asarray(c.index)))[:planes] for c in some]
            )
            batch = torch.from_numpy(patches).to(device).float()[:, None] / 255
            answer = averaged_score(network, batch).reshape(len(some), planes)
            scores += answer.mean(dim=1).tolist()
    return scores
