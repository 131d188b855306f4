"""The scale-normalised Laplacian of Gaussian: its answer, its maxima and their roundness."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]


def smoothed(hu: Floats, sigma: float) -> Floats:
    """Values under a Gaussian of `sigma` voxels, cut at 3.5 of them."""
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


def maxima(answer: Floats, inside: Mask, keep: tuple[int, int], weakest: float) -> Places:
    """(n, 3) indices of voxels that no neighbour exceeds."""
    found = [np.zeros((0, 3), dtype=np.intp)]
    for k in range(*keep):
        places = np.argwhere((answer[k] > weakest) & inside[k])
        found.append(np.column_stack([np.full(len(places), k, dtype=np.intp), places]))
    places = np.concatenate(found)
    last = np.asarray(answer.shape) - 1
    for way in itertools.product((-1, 0, 1), repeat=3):
        neighbour = np.clip(places + way, 0, last)
        places = places[answer[tuple(places.T)] >= answer[tuple(neighbour.T)]]
    return places


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
