"""Finds blob-like candidates by scale-normalised Laplacian of Gaussian, 3 to 30 mm."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

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
MIN_FAINT_MM, MIN_FAINT_CONTRAST_HU = 5.0, 130.0
MIN_ROUNDNESS = 0.15
MAX_CANDIDATES = {1: 2500, 2: 500, 4: 200}
"""The strongest ones of each level: large nodules must not lose against small vessels."""
MAX_FAINT = {1: 400, 2: 150, 4: 50}
"""Of those that show among the faint values alone, for the same reason."""
_SLAB_VOXELS = 3_000_000


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


def find_candidates(
    hu: Floats,
    lungs: Mask,
    inside: Mask,
    progress: Callable[[float], None],
    *,
    capped: bool = True,
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

    Notes
    -----
    Three pictures are searched: the values as they are; the same with all
    that lies outside of the lungs replaced by lung, so that a nodule at the
    pleura is a ball and no bump of the wall; and that with all dense voxels
    replaced too, so that ground glass beside wall or vessel is a ball.
    Values are limited to -1000..100 HU: calcium must not outshine soft tissue.
    """
    found: list[Candidate] = []
    plain, alone, faint = (np.empty(hu.shape, dtype=np.float32) for _ in range(3))
    for k in range(len(hu)):
        plain[k] = np.clip(hu[k], -1000, TISSUE_HU)
        alone[k] = np.where(lungs[k], plain[k], LUNG_HU)
        faint[k] = np.where(alone[k] > DENSE_HU, LUNG_HU, alone[k])
    masks = inside
    for number, (voxel_mm, diameters) in enumerate(LEVELS):
        if voxel_mm > 1:
            plain, alone, faint = halved(plain), halved(alone), halved(faint)
            masks = halved_mask(masks)

        def step(f: float, low: float = SHARES[number], high: float = SHARES[number + 1]) -> None:
            progress(low + f * (high - low))

        found += _peaks((plain, alone, faint), masks, voxel_mm, diameters, step)
    found.sort(key=lambda c: (-c.strength, c.index))
    kept = distinct(found)
    return _strongest(kept) if capped else kept


def _peaks(
    pictures: tuple[Floats, Floats, Floats],
    inside: Mask,
    voxel_mm: int,
    diameters: tuple[float, ...],
    progress: Callable[[float], None],
) -> list[Candidate]:
    sigmas = [d / (2 * np.sqrt(3)) / voxel_mm for d in diameters]
    halo = int(np.ceil(3.5 * sigmas[-1])) + 2
    depth, rows, columns = inside.shape
    step = max(8, _SLAB_VOXELS // (rows * columns) - 2 * halo)
    found = []
    for start in range(0, depth, step):
        stop = min(start + step, depth)
        low, high = max(0, start - halo), min(depth, stop + halo)
        for n, (diameter, sigma) in enumerate(zip(diameters, sigmas, strict=True)):
            for m, picture in enumerate(pictures):
                if m == FAINT and diameter < MIN_FAINT_MM:
                    continue
                share = (n + m / 3) / len(sigmas)
                progress((start + share * (stop - start)) / depth)
                smooth = _smoothed(picture[low:high], sigma)
                answer = laplacian_response(smooth, sigma)
                contrast = MIN_FAINT_CONTRAST_HU if m == FAINT else MIN_CONTRAST_HU[voxel_mm]
                weakest = contrast * BALL_RESPONSE
                places = _maxima(answer, inside[low:high], (start - low, stop - low), weakest)
                round_ = roundness(smooth, places)
                # The centre of a voxel of a halved grid lies between fine voxels.
                at = (places + np.array([low, 0, 0])) * voxel_mm + (voxel_mm - 1) / 2
                contrasts = answer[tuple(places.T)] / BALL_RESPONSE
                found += [
                    Candidate(
                        (float(k), float(j), float(i)), diameter, float(c), float(r), m == FAINT
                    )
                    for (k, j, i), c, r in zip(at, contrasts, round_, strict=True)
                    if r > MIN_ROUNDNESS
                ]
    progress(1.0)
    return found


def _maxima(answer: Floats, inside: Mask, keep: tuple[int, int], weakest: float) -> Places:
    """(n, 3) indices of voxels that no neighbour exceeds."""
    from scipy.ndimage import maximum_filter1d

    top = answer
    for axis in range(3):
        top = maximum_filter1d(top, 3, axis=axis, mode="nearest")
    found = [np.zeros((0, 3), dtype=np.intp)]
    for k in range(*keep):
        places = np.argwhere((answer[k] == top[k]) & (answer[k] > weakest) & inside[k])
        found.append(np.column_stack([np.full(len(places), k, dtype=np.intp), places]))
    return np.concatenate(found)


def roundness(smooth: Floats, places: Places) -> NDArray[np.float64]:
    """(n,) 1 for a ball, 0 for a rod or a sheet.

    The ratio of the weakest to the strongest curvature (eigenvalues of the
    Hessian) of the smoothed values at each place.
    """
    if not len(places):
        return np.zeros(0)
    last = np.asarray(smooth.shape) - 1

    def value(*step: int) -> NDArray[np.float64]:
        at = np.clip(places + step, 0, last)
        return np.asarray(smooth[tuple(at.T)], dtype=np.float64)

    hessian = np.zeros((len(places), 3, 3))
    unit = np.eye(3, dtype=int)
    for a in range(3):
        hessian[:, a, a] = value(*unit[a]) + value(*-unit[a]) - 2 * value(0, 0, 0)
        for b in range(a):
            plus, minus = unit[a] + unit[b], unit[a] - unit[b]
            mixed = value(*plus) + value(*-plus) - value(*minus) - value(*-minus)
            hessian[:, a, b] = hessian[:, b, a] = mixed / 4
    curvature = np.linalg.eigvalsh(hessian)
    return np.asarray(np.clip(-curvature[:, 2], 0, None) / np.maximum(-curvature[:, 0], 1e-6))


def _smoothed(hu: Floats, sigma: float) -> Floats:
    from scipy.ndimage import gaussian_filter1d

    for axis in range(3):
        hu = gaussian_filter1d(hu, sigma, axis=axis, mode="nearest", truncate=3.5)
    return hu


def laplacian_response(smooth: Floats, sigma: float) -> Floats:
    """Minus the scale-normalised Laplacian of values smoothed by `sigma` voxels.

    Bright blobs are positive; the Laplacian is the difference of neighbours.
    """
    out = np.multiply(smooth, np.float32(6.0))
    for axis in range(3):
        for step in (-1, 1):
            _subtract_shifted(out, smooth, axis, step)
    out *= np.float32(sigma**2)
    return out


def _subtract_shifted(out: Floats, smooth: Floats, axis: int, step: int) -> None:
    """Subtract the neighbour along an axis; beyond an end the end itself goes on."""
    to: list[slice] = [slice(None)] * 3
    of: list[slice] = [slice(None)] * 3
    end: list[slice] = [slice(None)] * 3
    if step > 0:
        to[axis], of[axis], end[axis] = slice(None, -1), slice(1, None), slice(-1, None)
    else:
        to[axis], of[axis], end[axis] = slice(1, None), slice(None, -1), slice(None, 1)
    out[tuple(to)] -= smooth[tuple(of)]
    out[tuple(end)] -= smooth[tuple(end)]


def halved(array: Floats) -> Floats:
    """Mean over blocks of 2 x 2 x 2; an odd end repeats its last slice."""
    k, j, i = (-(-n // 2) for n in array.shape)
    out = np.empty((k, j, i), dtype=np.float32)
    for n in range(k):
        pair = array[2 * n : 2 * n + 2]
        pads = [(0, 0)] + [(0, size % 2) for size in pair.shape[1:]]
        pair = np.pad(pair, pads, mode="edge")
        out[n] = pair.reshape(len(pair), j, 2, i, 2).mean(axis=(0, 2, 4), dtype=np.float32)
    return out


def halved_mask(mask: Mask) -> Mask:
    """True where any voxel of a block of 2 x 2 x 2 is."""
    k, j, i = (-(-n // 2) for n in mask.shape)
    out = np.zeros((k, j, i), dtype=bool)
    for n in range(k):
        pair = mask[2 * n : 2 * n + 2].any(axis=0)
        pair = np.pad(pair, [(0, size % 2) for size in pair.shape])
        out[n] = pair.reshape(j, 2, i, 2).any(axis=(1, 3))
    return out


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
