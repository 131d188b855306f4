"""Build, split and compare 4x4 index-to-LPS matrices that act on (k, j, i, 1)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medview.core.errors import GeometryError

Affine = NDArray[np.float64]
"""(4, 4) float64 matrix mapping (k, j, i, 1) at voxel centres to LPS millimetres."""


def compose(origin_lps_mm: ArrayLike, directions: ArrayLike, spacing_mm: ArrayLike) -> Affine:
    """Build an affine from origin, axis directions and spacing.

    Parameters
    ----------
    origin_lps_mm : (3,) array_like
        LPS position of the centre of voxel (0, 0, 0).
    directions : (3, 3) array_like
        Column ``a`` is the unit LPS direction in which array axis ``a`` (k, j, i) grows.
    spacing_mm : (3,) array_like
        Distance of neighbouring centres along k, j, i.

    Returns
    -------
    (4, 4) ndarray of float64

    Raises
    ------
    GeometryError
        If a value is not finite, a spacing is not positive or the axes are degenerate.
    """
    matrix = np.eye(4)
    matrix[:3, :3] = np.asarray(directions, float) * np.asarray(spacing_mm, float)
    matrix[:3, 3] = np.asarray(origin_lps_mm, float)
    if not (np.asarray(spacing_mm, float) > 0).all():
        raise GeometryError(f"Spacing must be positive, not {tuple(np.ravel(spacing_mm))}.")
    return checked(matrix)


def checked(matrix: ArrayLike) -> Affine:
    """Return `matrix` as a read-only float64 affine.

    Raises
    ------
    GeometryError
        If the shape is not (4, 4), a value is not finite, the last row is not
        (0, 0, 0, 1), or the axes do not span space.
    """
    affine = np.array(matrix, dtype=np.float64)
    if affine.shape != (4, 4):
        raise GeometryError(f"An affine has shape (4, 4), not {affine.shape}.")
    if not np.isfinite(affine).all():
        raise GeometryError("An affine must hold finite numbers only.")
    if not np.allclose(affine[3], (0, 0, 0, 1), atol=1e-12):
        raise GeometryError("The last row of an affine must be 0, 0, 0, 1.")
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    if (lengths <= 0).any():
        raise GeometryError("An affine with an axis of length zero maps no volume.")
    # Compare with the product of the lengths: an absolute limit would refuse micrometre voxels.
    if abs(np.linalg.det(affine[:3, :3] / lengths)) < 1e-6:
        raise GeometryError("The axes of an affine must not lie in one plane.")
    affine.flags.writeable = False
    return affine


def spacing_of(affine: Affine) -> tuple[float, float, float]:
    """Distance in millimetres of neighbouring voxel centres along k, j, i."""
    k, j, i = np.linalg.norm(affine[:3, :3], axis=0)
    return float(k), float(j), float(i)


def directions_of(affine: Affine) -> NDArray[np.float64]:
    """(3, 3) matrix whose column ``a`` is the unit LPS direction of array axis ``a``."""
    linear = affine[:3, :3]
    return np.asarray(linear / np.linalg.norm(linear, axis=0), dtype=np.float64)


def transform(matrix: Affine, points: ArrayLike) -> NDArray[np.float64]:
    """Apply a 4x4 matrix to (..., 3) points and return (..., 3) points."""
    pts = np.asarray(points, dtype=np.float64)
    return np.asarray(pts @ matrix[:3, :3].T + matrix[:3, 3], dtype=np.float64)


def is_orthogonal(affine: Affine, tolerance: float = 1e-4) -> bool:
    """Whether the three axes are at right angles, to within `tolerance` in their cosines."""
    d = directions_of(affine)
    return bool(np.abs(d.T @ d - np.eye(3)).max() <= tolerance)
