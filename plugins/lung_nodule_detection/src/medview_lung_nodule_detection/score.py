"""Scores candidates: the 3D network looks at all, the 2D network at those it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from medview.api import RunContext, Volume, inference
from medview_lung_nodule_detection.candidates import Candidate
from medview_lung_nodule_detection.halving import halved
from medview_lung_nodule_detection.planes import three_planes
from medview_lung_nodule_detection.shipped import (
    PATCH_WEIGHTS,
    VOLUME_WEIGHTS,
    load_patch_network,
    load_volume_network,
)
from medview_lung_nodule_detection.volume_crops import volume_crops
from medview_lung_nodule_detection.working import Working

VOLUME_BATCH, PATCH_BATCH = 32, 6
"""Small, so that a cancelled run ends at once."""
TIGHT_SHARE = 4
"""Where memory is tight, batches are so many times smaller."""
LEAST_VOLUME_SCORE = 0.03
MOST_FOR_PLANES = 100
PATCH_WEIGHT, FAINT_PATCH_WEIGHT = 0.5, 0.1
"""The 2D network knows the texture of solid nodules, but little of ground glass at the pleura.
Chosen, with the default threshold, on the real chests that the card lists."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate and what the networks say.

    Attributes
    ----------
    candidate : Candidate
    score : float
        0..1, uncalibrated: the weighted geometric mean of the two.
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
    ctx: RunContext,
    progress: Callable[[float], None],
) -> list[Scored]:
    """Candidates that the 3D network does not refuse, best first."""
    progress(0.0)
    with inference.reproducibly(ctx):
        volume_scores = _volume_scores(work, candidates, ctx, lambda f: progress(0.7 * f))
        order = sorted(range(len(candidates)), key=lambda n: -volume_scores[n])
        left = [n for n in order[:MOST_FOR_PLANES] if volume_scores[n] >= LEAST_VOLUME_SCORE]
        some = [candidates[n] for n in left]
        patch_scores = _patch_scores(source, work, some, ctx, lambda f: progress(0.7 + 0.3 * f))
    result = [
        Scored(
            candidates[n],
            combined(volume_scores[n], p, faint=candidates[n].faint),
            volume_scores[n],
            p,
        )
        for n, p in zip(left, patch_scores, strict=True)
    ]
    return sorted(result, key=lambda s: (-s.score, s.candidate.index))


def combined(volume_score: float, patch_score: float, *, faint: bool) -> float:
    """One score from two."""
    weight = FAINT_PATCH_WEIGHT if faint else PATCH_WEIGHT
    return float(volume_score ** (1 - weight) * patch_score**weight)


def _batch(most: int, ctx: RunContext) -> int:
    return max(1, most // TIGHT_SHARE) if ctx.memory == "tight" else most


def _volume_scores(
    work: Working, candidates: list[Candidate], ctx: RunContext, progress: Callable[[float], None]
) -> list[float]:
    from medview_lung_nodule_detection.volume_network import averaged_score

    torch = inference.torch
    network = load_volume_network(ctx.weights(VOLUME_WEIGHTS), ctx.device)
    step = _batch(VOLUME_BATCH, ctx)
    half = halved(work.hu)
    scores: list[float] = []
    with torch.inference_mode(), inference.autocast(ctx):
        for start in range(0, len(candidates), step):
            progress(start / len(candidates))
            places = np.array([c.index for c in candidates[start : start + step]])
            crops = torch.from_numpy(volume_crops(work.hu, half, places)).to(ctx.device)
            scores += averaged_score(network, crops.float() / 255).tolist()
    return scores


def _patch_scores(
    source: Volume,
    work: Working,
    candidates: list[Candidate],
    ctx: RunContext,
    progress: Callable[[float], None],
) -> list[float]:
    from medview_lung_nodule_detection.patch_network import averaged_score

    torch = inference.torch
    network = load_patch_network(ctx.weights(PATCH_WEIGHTS), ctx.device)
    step = _batch(PATCH_BATCH, ctx)
    scores: list[float] = []
    with torch.inference_mode(), inference.autocast(ctx):
        for start in range(0, len(candidates), step):
            progress(start / len(candidates))
            some = candidates[start : start + step]
            patches = np.concatenate(
                [three_planes(source, work.to_source(np.asarray(c.index))) for c in some]
            )
            batch = torch.from_numpy(patches).to(ctx.device).float()[:, None] / 255
            answer = averaged_score(network, batch).reshape(len(some), 3)
            scores += answer.mean(dim=1).tolist()
    return scores
