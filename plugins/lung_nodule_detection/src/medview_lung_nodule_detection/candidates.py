"""Finds blob-like candidates by scale-normalised Laplacian of Gaussian, 3 to 30 mm."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview_lung_nodule_detection.halving import halved, halved_mask
from medview_lung_nodule_detection.laplacian import (
    laplacian_response,
    maxima,
    roundness,
    smoothed,
)

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

LEVELS: tuple[tuple[int, tuple[float, ...]], ...] = (
    (1, (3.0, 4.0, 5.3, 7.0)),
    (2, (9.0, 12.0, 16.0)),
    (4, (20.0, 25.0, 31.0)),
)
"""Voxel size in mm, and diameters in mm searched on it."""
SHARES = (0.0, 0.8, 0.95, 1.0)
"""Of the work that is done before each level and after the last."""
BALL_RESPONSE = 0.925
"""Response of a ball of contrast 1 at sigma = diameter / (2 sqrt 3)."""
LUNG_HU, TISSUE_HU = -850.0, 100.0
MIN_CONTRAST_HU = {1: 230.0, 2: 130.0, 4: 110.0}
"""Weakest blob by level: on the finest, noise alone makes blobs of some 150 HU."""
DENSE_HU = -300.0
"""Ground glass lies below; with all that is denser replaced by lung, no wall is beside it."""
FAINT = 2
"""The picture of faint values, of the three that are searched."""
MIN_FAINT_MM = 5.0
MIN_FAINT_CONTRAST_HU = {1: 130.0, 2: 80.0, 4: 70.0}
MIN_ROUNDNESS = 0.15
MAX_CANDIDATES = {1: 2500, 2: 500, 4: 200}
"""The strongest ones of each level: large nodules must not lose against small vessels."""
MAX_FAINT = {1: 400, 2: 150, 4: 50}
"""Of those that show among the faint values alone, for the same reason."""
_SLAB_VOXELS, _TIGHT_SLAB_VOXELS = 6_000_000, 2_000_000
_THREADS = 2
Pictures = tuple[Floats, Floats, Floats]
PicturesOf = Callable[[int, int], Pictures]
"""The three pictures from one slice to before another."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A blob.

    Attributes
    ----------
    index : (k, j, i)
        Index on the grid of 1 mm that was searched.
    diameter_mm : float
        Of the scale that answers best.
    contrast_hu : float
        Response turned into the contrast of an ideal ball.
    roundness : float
        1 for a ball, 0 for a rod.
    faint : bool
        Whether it was found among values of ground glass, with all that is denser left out.
    """

    index: tuple[float, float, float]
    diameter_mm: float
    contrast_hu: float
    roundness: float = 1.0
    faint: bool = False

    @property
    def strength(self) -> float:
        """By which candidates are ranked: rods count less than balls of equal contrast."""
        return self.contrast_hu * math.sqrt(self.roundness)


@dataclass(frozen=True, slots=True)
class Level:
    """One voxel size, and what is searched on it."""

    voxel_mm: int
    diameters: tuple[float, ...]
    smallest_faint_mm: float
    tight: bool

    def sigma(self, diameter: float) -> float:
        """Of the Gaussian that answers best to a ball of that diameter, in voxels."""
        return diameter / (2 * math.sqrt(3)) / self.voxel_mm

    @property
    def halo(self) -> int:
        """Voxels around a place on which its answer depends."""
        return math.ceil(3.5 * self.sigma(self.diameters[-1])) + 2


@dataclass(frozen=True, eq=False, slots=True)
class Slab:
    """A part of the pictures; `origin` is its first voxel, `keep` the slices that are its own."""

    pictures: tuple[Floats, ...]
    inside: Mask
    origin: tuple[int, int, int]
    keep: tuple[int, int]


def find_candidates(
    hu: Floats,
    lungs: Mask,
    inside: Mask,
    progress: Callable[[float], None],
    *,
    capped: bool = True,
    tight: bool = False,
    smallest_faint_mm: float = MIN_FAINT_MM,
) -> list[Candidate]:
    """Local maxima of the scale space inside a mask, strongest first.

    Parameters
    ----------
    hu : (k, j, i) ndarray of float32
        Hounsfield values, 1 mm isotropic.
    lungs : (k, j, i) ndarray of bool
        Lungs with vessels and nodules.
    inside : (k, j, i) ndarray of bool
        Where a candidate's centre may lie: the lungs and somewhat more.
    progress : callable
        Called with 0..1; may raise to stop.
    capped : bool
        Whether only the strongest of each voxel size are kept.
    tight : bool
        Whether memory is short: smaller slabs, one thread.
    smallest_faint_mm : float
        Where slices are thick, the rim of every vessel looks like a small piece of ground glass.

    Notes
    -----
    Three pictures are searched: the values as they are; the same with all
    that lies outside of the lungs replaced by lung, so that a nodule at the
    pleura is a ball and no bump of the wall; and that with all dense voxels
    replaced too, so that ground glass beside wall or vessel is a ball.
    Values are limited to -1000..100 HU: calcium must not outshine soft tissue.
    """
    lungs_of, inside_of = lungs, inside
    found: list[Candidate] = []

    def fine(start: int, stop: int) -> Pictures:
        return _pictures(hu[start:stop], lungs_of[start:stop])

    pictures: PicturesOf = fine
    with ThreadPoolExecutor(1 if tight else _THREADS) as pool:
        for number, (voxel_mm, diameters) in enumerate(LEVELS):
            if voxel_mm > 1:
                pictures = _halved_pictures(pictures, len(inside_of))
                inside_of = halved_mask(inside_of)

            def step(
                f: float, low: float = SHARES[number], high: float = SHARES[number + 1]
            ) -> None:
                progress(low + f * (high - low))

            level = Level(voxel_mm, diameters, smallest_faint_mm, tight=tight)
            found += _peaks(pictures, inside_of, level, pool, step)
    found.sort(key=lambda c: (-c.strength, c.index))
    kept = distinct(found)
    return _strongest(kept) if capped else kept


def _pictures(hu: Floats, lungs: Mask) -> Pictures:
    plain = np.clip(hu, -1000, TISSUE_HU)
    alone = np.where(lungs, plain, np.float32(LUNG_HU))
    return plain, alone, np.where(alone > DENSE_HU, np.float32(LUNG_HU), alone)


def _halved_pictures(finer: PicturesOf, count: int) -> PicturesOf:
    """The pictures on voxels twice as large; made pair of slices by pair of slices."""
    pairs = [[halved(p) for p in finer(k, min(k + 2, count))] for k in range(0, count, 2)]
    plain, alone, faint = (np.concatenate(planes) for planes in zip(*pairs, strict=True))

    def part(start: int, stop: int) -> Pictures:
        return plain[start:stop], alone[start:stop], faint[start:stop]

    return part


def _peaks(
    pictures: PicturesOf,
    inside: Mask,
    level: Level,
    pool: ThreadPoolExecutor,
    progress: Callable[[float], None],
) -> list[Candidate]:
    halo = level.halo
    depth, rows, columns = inside.shape
    voxels = _TIGHT_SLAB_VOXELS if level.tight else _SLAB_VOXELS
    step = max(8, voxels // (rows * columns) - 2 * halo)
    found: list[Candidate] = []
    for start in range(0, depth, step):
        progress(start / depth)
        stop = min(start + step, depth)
        window = _window(inside[start:stop], halo)
        if window is None:
            continue
        low, high = max(0, start - halo), min(depth, stop + halo)
        slab = Slab(
            tuple(np.ascontiguousarray(p[:, *window]) for p in pictures(low, high)),
            inside[low:high, *window],
            (low, window[0].start, window[1].start),
            (start - low, stop - low),
        )
        searches = [
            (picture, diameter)
            for diameter in level.diameters
            for picture in range(3)
            if picture != FAINT or diameter >= level.smallest_faint_mm
        ]
        jobs = [pool.submit(_peaks_of, slab, level, *search) for search in searches]
        try:
            for n, job in enumerate(jobs):
                found += job.result()
                progress((start + (n + 1) / len(jobs) * (stop - start)) / depth)
        finally:
            for job in jobs:
                job.cancel()
    progress(1.0)
    return found


def _window(inside: Mask, halo: int) -> tuple[slice, slice] | None:
    """Rows and columns of a slab where a centre may lie, and what its answer depends on."""
    shown = inside.any(axis=0)
    if not shown.any():
        return None
    cut = []
    for axis in (1, 0):
        at = np.flatnonzero(np.any(shown, axis=axis))
        cut.append(slice(max(0, int(at[0]) - halo), int(at[-1]) + 1 + halo))
    return cut[0], cut[1]


def _peaks_of(slab: Slab, level: Level, picture: int, diameter: float) -> list[Candidate]:
    """Blobs of one size in one picture of a slab."""
    sigma = level.sigma(diameter)
    smooth = smoothed(slab.pictures[picture], sigma)
    answer = laplacian_response(smooth, sigma)
    is_faint = picture == FAINT
    contrast = (MIN_FAINT_CONTRAST_HU if is_faint else MIN_CONTRAST_HU)[level.voxel_mm]
    places = maxima(answer, slab.inside, slab.keep, contrast * BALL_RESPONSE)
    round_ = roundness(smooth, places)
    # The centre of a voxel of a halved grid lies between fine voxels.
    at = (places + np.array(slab.origin)) * level.voxel_mm + (level.voxel_mm - 1) / 2
    contrasts = answer[tuple(places.T)] / BALL_RESPONSE
    return [
        Candidate((float(k), float(j), float(i)), diameter, float(c), float(r), is_faint)
        for (k, j, i), c, r in zip(at, contrasts, round_, strict=True)
        if r > MIN_ROUNDNESS
    ]


def distinct(candidates: list[Candidate]) -> list[Candidate]:
    """Leave out a weaker candidate whose centre lies well within a stronger one.

    Two that differ much in size both stay: a small nodule may sit beside a large vessel.
    """
    from scipy.spatial import cKDTree

    if not candidates:
        return []
    tree = cKDTree([c.index for c in candidates])
    gone = np.zeros(len(candidates), dtype=bool)
    kept: list[Candidate] = []
    for n, candidate in enumerate(candidates):
        if gone[n]:
            continue
        kept.append(candidate)
        for other in tree.query_ball_point(candidate.index, max(0.35 * candidate.diameter_mm, 1.8)):
            similar = candidates[other].diameter_mm > 0.5 * candidate.diameter_mm
            if other > n and similar:
                gone[other] = True
    return kept


def _strongest(candidates: list[Candidate]) -> list[Candidate]:
    kept: list[Candidate] = []
    for level, diameters in LEVELS:
        for faint, most in ((False, MAX_CANDIDATES), (True, MAX_FAINT)):
            some = [c for c in candidates if c.diameter_mm in diameters and c.faint == faint]
            kept += some[: most[level]]
    return sorted(kept, key=lambda c: (-c.strength, c.index))
