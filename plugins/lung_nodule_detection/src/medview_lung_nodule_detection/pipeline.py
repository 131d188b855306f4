"""The steps in their order, with progress."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview.api import RunContext, Volume
from medview_lung_nodule_detection.candidates import MIN_FAINT_MM, Candidate, find_candidates
from medview_lung_nodule_detection.lungs import lung_labels, searched_region
from medview_lung_nodule_detection.measure import NoduleNumbers, measured
from medview_lung_nodule_detection.outline import compactness, outlined, own_share, painted
from medview_lung_nodule_detection.params import Params
from medview_lung_nodule_detection.score import Scored, scored
from medview_lung_nodule_detection.working import Working, working_copy

Index = tuple[int, int, int]
FAINT_SLICES = 3.0
"""Thinner ground glass looks like the rim of a vessel in the slice beside it."""

COARSE_MM = 3.0
COARSE_VOXELS = 2.0
"""On coarser voxels, what is not this many across may be any vessel that crosses a slice."""

MIN_COMPACTNESS = 0.65
"""Less is a bundle of vessels that are drawn as one."""

_OWN_SHARE = 0.7
"""Of an outline that no other finding has, below which it is another look at that one."""
_SAME_MM = 2.0
"""A candidate that lies no further outside of a finding is a part of it: a vessel at its side."""


@dataclass(frozen=True, slots=True)
class Nodule:
    """A finding: its value in the label map, its box of source voxels, score and numbers."""

    value: int
    start: Index
    stop: Index
    score: float
    numbers: NoduleNumbers


@dataclass(frozen=True, eq=False, slots=True)
class Detected:
    """Everything that a run found.

    Attributes
    ----------
    labels : (k, j, i) ndarray of uint8
    nodules : tuple of Nodule
        Highest score first.
    lung_found : bool
    more : int
        Candidates above the threshold that were left out by the limit on findings.
    """

    labels: NDArray[np.uint8]
    nodules: tuple[Nodule, ...]
    lung_found: bool
    more: int = 0


def smallest_mm(spacing_mm: tuple[float, ...], wanted_mm: float) -> float:
    """The least mean diameter that can be told from a vessel, or more where more is wanted."""
    coarsest = max(spacing_mm)
    return max(wanted_mm, COARSE_VOXELS * coarsest if coarsest > COARSE_MM else 0.0)


def detect(source: Volume, params: Params, ctx: RunContext) -> Detected:
    """Find, score, outline and measure nodules of a CT in canonical axis order."""
    lungs = lung_labels(source, ctx, 0.0, 0.3)
    ctx.progress(0.3, "Preparing")
    work = working_copy(source, lungs, lambda: ctx.progress(0.3, "Preparing"))
    if work is None:
        return Detected(np.zeros(source.array.shape, dtype=np.uint8), (), lung_found=False)
    return reported(source, work, blobs(work, ctx), params, ctx)


def blobs(work: Working, ctx: RunContext) -> list[Candidate]:
    """The candidates, by their shape alone."""

    def tick() -> None:
        ctx.progress(0.35, "Preparing")

    def step(fraction: float) -> None:
        ctx.progress(min(0.6, 0.4 + 0.2 * fraction), "Searching for blobs")

    inside = searched_region(work.lungs > 0, tick)
    thin = max(MIN_FAINT_MM, FAINT_SLICES * work.source_spacing_mm[0])
    return find_candidates(
        work.hu,
        work.lungs > 0,
        inside,
        step,
        tight=ctx.memory == "tight",
        smallest_faint_mm=thin,
    )


def reported(
    source: Volume,
    work: Working,
    candidates: list[Candidate],
    params: Params,
    ctx: RunContext,
) -> Detected:
    """Candidates that the networks and the parameters let pass, outlined and measured."""

    def step(fraction: float) -> None:
        ctx.progress(min(0.9, 0.6 + 0.3 * fraction), "Scoring candidates")

    labels = np.zeros(source.array.shape, dtype=np.uint8)
    if not candidates:
        return Detected(labels, (), lung_found=True)
    found = scored(source, work, candidates, ctx, step)
    found = [s for s in found if s.score >= params.score_threshold]
    smallest = smallest_mm(source.grid.spacing_mm, params.min_diameter_mm)
    nodules: list[Nodule] = []
    taken: list[tuple[NDArray[np.float64], float]] = []
    for n, one in enumerate(found):
        ctx.progress(min(1.0, 0.9 + 0.1 * n / len(found)), "Outlining and measuring")
        if len(nodules) == params.max_findings:
            return Detected(labels, tuple(nodules), lung_found=True, more=len(found) - n)
        index = np.asarray(one.candidate.index)
        if any(_is_part(index, *other) for other in taken):
            continue
        nodule = _nodule(source, work, one, labels, len(nodules) + 1, smallest)
        if nodule is not None:
            nodules.append(nodule)
            taken.append((index, nodule.numbers.mean_diameter_mm))
    return Detected(labels, tuple(nodules), lung_found=True)


def _is_part(index: NDArray[np.float64], middle: NDArray[np.float64], diameter_mm: float) -> bool:
    """Whether a place on the working grid of 1 mm lies within a finding, or just beside it."""
    return float(np.linalg.norm(index - middle)) < diameter_mm / 2 + _SAME_MM


def _nodule(
    source: Volume,
    work: Working,
    one: Scored,
    labels: NDArray[np.uint8],
    value: int,
    min_diameter_mm: float,
) -> Nodule | None:
    index = np.asarray(one.candidate.index)
    place = np.clip(np.rint(work.to_source(index)), 0, np.asarray(labels.shape) - 1).astype(int)
    if labels[tuple(place)]:
        return None  # inside a nodule that scored higher
    outline = outlined(source, work, index, one.candidate.diameter_mm)
    if outline is None or compactness(outline.mask) < MIN_COMPACTNESS:
        return None
    numbers = measured(outline, work, index)
    if numbers.mean_diameter_mm < min_diameter_mm:
        return None
    if own_share(outline, labels, source.grid.spacing_mm) < _OWN_SHARE:
        return None
    box = painted(outline, labels, value, source.grid.spacing_mm)
    if box is None:
        return None
    return Nodule(value, box[0], box[1], one.score, numbers)
