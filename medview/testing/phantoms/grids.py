"""Grids on which phantoms are sampled."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from medview.core.geometry import affine as aff
from medview.core.geometry.grid import Grid

FRAME = "2.25.132417480271835629173650298174650912837"
"""Frame of reference of all phantoms: they share one patient space."""

Triple = tuple[float, float, float]


def axial_grid(
    shape: tuple[int, int, int],
    spacing_mm: Triple,
    centre_lps_mm: Triple = (0.0, 0.0, 0.0),
    *,
    directions: ArrayLike | None = None,
    frame_of_reference: str | None = FRAME,
) -> Grid:
    """A grid around a centre; axes k, j, i run to Superior, Posterior, Left unless told.

    Parameters
    ----------
    shape : (int, int, int)
    spacing_mm : (k, j, i)
    centre_lps_mm : (x, y, z)
    directions : (3, 3) array_like, optional
        Column ``a`` is the LPS direction of array axis ``a``.
    frame_of_reference : str or None
    """
    axes = np.asarray([[0, 0, 1], [0, 1, 0], [1, 0, 0]] if directions is None else directions)
    half = (np.asarray(shape) - 1) / 2 * np.asarray(spacing_mm)
    origin = np.asarray(centre_lps_mm) - axes @ half
    return Grid(shape, aff.compose(origin, axes, spacing_mm), frame_of_reference)


def thorax_grid(
    spacing_mm: Triple = (2.0, 1.5, 1.5),
    *,
    field_of_view_mm: Triple = (320.0, 384.0, 384.0),
    centre_lps_mm: Triple = (0.0, 12.0, -15.0),
    directions: ArrayLike | None = None,
) -> Grid:
    """A grid that holds the whole generated thorax.

    Parameters
    ----------
    spacing_mm : (k, j, i)
        The default gives 160 x 256 x 256 voxels.
    field_of_view_mm : (k, j, i)
        Smaller ones cut the lungs or the skin.
    centre_lps_mm : (x, y, z)
    directions : (3, 3) array_like, optional
        As for `axial_grid`; any rotation or permutation.
    """
    k, j, i = (max(1, round(f / s)) for f, s in zip(field_of_view_mm, spacing_mm, strict=True))
    return axial_grid((k, j, i), spacing_mm, centre_lps_mm, directions=directions)
