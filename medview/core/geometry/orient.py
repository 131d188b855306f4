"""Anatomical names of directions, and the canonical axis order that models receive."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medview.core.errors import GeometryError
from medview.core.geometry.grid import Grid

Orientation = Literal["axial", "coronal", "sagittal", "oblique"]

_LETTERS = (("R", "L"), ("A", "P"), ("I", "S"))


def letters(direction: ArrayLike, threshold: float = 0.25) -> str:
    """Name an LPS direction with anatomical letters, strongest first.

    Parameters
    ----------
    direction : (3,) array_like
        LPS direction of any length.
    threshold : float
        Components whose share of the length is smaller are left out.

    Returns
    -------
    str
        E.g. ``"L"``, ``"PS"``; empty for a vector of length zero.
    """
    v = np.asarray(direction, dtype=float)
    length = np.linalg.norm(v)
    if length == 0:
        return ""
    v = v / length
    order = np.argsort(-np.abs(v), kind="stable")
    return "".join(_LETTERS[a][int(v[a] > 0)] for a in order if abs(v[a]) >= threshold)


def orientation_of(grid: Grid, tolerance_deg: float = 20.0) -> Orientation:
    """Name the plane in which the slices (array axes j, i) of a grid lie.

    ``"oblique"`` when the slice normal is more than `tolerance_deg` off every
    patient axis.
    """
    columns = grid.directions
    normal = np.cross(columns[:, 1], columns[:, 2])
    normal = normal / np.linalg.norm(normal)
    axis = int(np.argmax(np.abs(normal)))
    if abs(normal[axis]) < np.cos(np.deg2rad(tolerance_deg)):
        return "oblique"
    names: tuple[Orientation, ...] = ("sagittal", "coronal", "axial")
    return names[axis]


@dataclass(frozen=True, slots=True)
class AxisOrder:
    """A permutation of array axes followed by flips; never an interpolation.

    Attributes
    ----------
    axes : (int, int, int)
        New axis ``a`` is old axis ``axes[a]``.
    flips : (bool, bool, bool)
        Whether new axis ``a`` runs against the old one.
    """

    axes: tuple[int, int, int]
    flips: tuple[bool, bool, bool]

    @property
    def is_identity(self) -> bool:
        """Whether nothing moves."""
        return self.axes == (0, 1, 2) and not any(self.flips)

    def apply(self, array: NDArray[Any]) -> NDArray[Any]:
        """Reorder the first three axes of `array`; a view, no copy."""
        rest = tuple(range(3, array.ndim))
        moved = array.transpose(*self.axes, *rest)
        return moved[tuple(slice(None, None, -1) if f else slice(None) for f in self.flips)]

    def undo(self, array: NDArray[Any]) -> NDArray[Any]:
        """Bring a reordered array back; a view, no copy."""
        rest = tuple(range(3, array.ndim))
        flipped = array[tuple(slice(None, None, -1) if f else slice(None) for f in self.flips)]
        back = tuple(int(a) for a in np.argsort(self.axes))
        return flipped.transpose(*back, *rest)

    def apply_to_grid(self, grid: Grid) -> Grid:
        """The grid on which `apply` of an array of `grid` lies: same voxels, same places."""
        matrix = np.array(grid.index_to_lps)
        matrix[:3, :3] = grid.index_to_lps[:3, list(self.axes)]
        shape = tuple(grid.shape[a] for a in self.axes)
        for axis, flip in enumerate(self.flips):
            if flip:
                matrix[:3, 3] += matrix[:3, axis] * (shape[axis] - 1)
                matrix[:3, axis] *= -1
        return Grid((shape[0], shape[1], shape[2]), matrix, grid.frame_of_reference)


_CANONICAL = np.array([(0, 0, 1), (0, 1, 0), (1, 0, 0)], dtype=float)
"""Rows: the LPS directions nearest to which k (Superior), j (Posterior), i (Left) shall run."""


def canonical_order(grid: Grid) -> AxisOrder:
    """The axis order under which k, j, i run nearest to Superior, Posterior, Left.

    All six permutations are compared by the sum of absolute cosines, so a
    grid at 45 degrees still gets three different axes.
    """
    cosines = _CANONICAL @ grid.directions
    best = max(
        permutations(range(3)),
        key=lambda p: round(sum(abs(cosines[a, p[a]]) for a in range(3)), 9),
    )
    flips = tuple(bool(cosines[a, best[a]] < 0) for a in range(3))
    return AxisOrder((best[0], best[1], best[2]), (flips[0], flips[1], flips[2]))


def slice_axis(grid: Grid, plane: Orientation) -> int:
    """The array axis along which slices of an anatomical plane are stacked.

    Raises
    ------
    GeometryError
        For ``"oblique"``, which names no patient axis.
    """
    if plane == "oblique":
        raise GeometryError("An oblique plane is not stacked along one axis of the volume.")
    return canonical_order(grid).axes[("axial", "coronal", "sagittal").index(plane)]
