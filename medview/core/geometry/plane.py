"""The plane a slice view shows: which way is right, which way is up, where it cuts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview.core.geometry.grid import Grid
from medview.core.geometry.orient import Orientation, canonical_order

Vec3 = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class ViewPlane:
    """Directions of a slice view, all unit vectors in LPS.

    Attributes
    ----------
    right, up : (3,) ndarray
        Patient directions that point to the right and to the top of the screen.
    normal : (3,) ndarray
        Direction in which slice numbers grow.
    step_mm : float
        Distance of two neighbouring slices.
    """

    right: Vec3
    up: Vec3
    normal: Vec3
    step_mm: float

    @property
    def towards_viewer(self) -> Vec3:
        """Right x up: points out of the screen at the reader."""
        return np.asarray(np.cross(self.right, self.up), dtype=np.float64)


def view_plane(grid: Grid, plane: Orientation) -> ViewPlane:
    """The radiological view of a grid along its own axes.

    Planes follow the axes of the volume, so a native slice is drawn without
    interpolation. Axial: patient left on the right, anterior on top. Coronal:
    patient left on the right, superior on top. Sagittal: posterior on the
    right, superior on top.

    Parameters
    ----------
    grid : Grid
        The volume's grid.
    plane : {"axial", "coronal", "sagittal"}
    """
    matrix = canonical_order(grid).apply_to_grid(grid).index_to_lps[:3, :3]
    steps = np.linalg.norm(matrix, axis=0)
    s, p, el = (matrix[:, a] / steps[a] for a in range(3))
    if plane == "axial":
        right, up, normal, step = el, -p, s, steps[0]
    elif plane == "coronal":
        right, up, normal, step = el, s, p, steps[1]
    else:
        right, up, normal, step = p, s, el, steps[2]
    # A sheared grid has axes that are not at right angles; a camera needs them to be.
    up = up - right * (up @ right)
    up = up / np.linalg.norm(up)
    facing = np.cross(right, up)
    normal = facing * np.sign(facing @ normal)
    return ViewPlane(right, up, normal, float(step))


def slice_count(grid: Grid, plane: Orientation) -> int:
    """How many native slices an anatomical plane has."""
    order = canonical_order(grid)
    return grid.shape[order.axes[("axial", "coronal", "sagittal").index(plane)]]


def slice_index(grid: Grid, plane: Orientation, lps_mm: Vec3) -> int:
    """Number (0-based) of the native slice nearest to a point, clipped to the volume."""
    order = canonical_order(grid)
    canonical = order.apply_to_grid(grid)
    axis = ("axial", "coronal", "sagittal").index(plane)
    index = round(float(canonical.to_index(lps_mm)[axis]))
    return int(np.clip(index, 0, canonical.shape[axis] - 1))


def at_slice(grid: Grid, plane: Orientation, lps_mm: Vec3, index: int) -> Vec3:
    """The point `lps_mm` moved along the stack onto native slice `index` (0-based, clipped)."""
    order = canonical_order(grid)
    canonical = order.apply_to_grid(grid)
    axis = ("axial", "coronal", "sagittal").index(plane)
    position = canonical.to_index(lps_mm)
    position[axis] = np.clip(index, 0, canonical.shape[axis] - 1)
    return canonical.to_lps(position)


def listed(plane: Orientation, index: int, count: int) -> int:
    """Place (0-based) of a slice in reading order, and back: the function is its own inverse.

    Reading goes from the head down, from front to back and from right to left,
    so that going down the list of axial slices goes down the body. Slice
    numbers grow towards Superior, Posterior and Left.
    """
    return count - 1 - index if plane == "axial" else index
