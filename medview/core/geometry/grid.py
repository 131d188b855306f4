"""`Grid`: a regular sampling of patient space, kept apart from any pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medview.core.errors import GeometryError
from medview.core.geometry import affine as aff


@dataclass(frozen=True, eq=False)
class Grid:
    """Regular sampling of patient space.

    Attributes
    ----------
    shape : (int, int, int)
        Samples along (k, j, i).
    index_to_lps : (4, 4) ndarray of float64
        Maps (k, j, i, 1) at voxel centres to DICOM LPS millimetres (PS3.3 C.7.6.2.1.1).
    frame_of_reference : str or None
        DICOM Frame of Reference UID (0020,0052). None when unknown, and then
        never equal to another frame, not even to another None.

    Raises
    ------
    GeometryError
        If the shape is not three positive counts or the affine is not usable.
    """

    shape: tuple[int, int, int]
    index_to_lps: aff.Affine
    frame_of_reference: str | None = None

    def __post_init__(self) -> None:
        shape = tuple(int(n) for n in self.shape)
        if len(shape) != 3 or min(shape) < 1:
            raise GeometryError(f"A grid has three positive counts, not {self.shape}.")
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "index_to_lps", aff.checked(self.index_to_lps))

    def __reduce__(self) -> tuple[object, ...]:
        # Built anew on the other side, because unpickled arrays are writeable.
        return (type(self), (self.shape, self.index_to_lps, self.frame_of_reference))

    @cached_property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance of neighbouring voxel centres along k, j, i."""
        return aff.spacing_of(self.index_to_lps)

    @cached_property
    def directions(self) -> NDArray[np.float64]:
        """(3, 3): column ``a`` is the unit LPS direction of array axis ``a`` (k, j, i)."""
        return aff.directions_of(self.index_to_lps)

    @cached_property
    def lps_to_index(self) -> aff.Affine:
        """(4, 4): maps LPS millimetres to continuous (k, j, i)."""
        inverse: aff.Affine = np.asarray(np.linalg.inv(self.index_to_lps), dtype=np.float64)
        inverse[3] = (0, 0, 0, 1)
        inverse.flags.writeable = False
        return inverse

    @property
    def origin_lps_mm(self) -> tuple[float, float, float]:
        """LPS position of the centre of voxel (0, 0, 0)."""
        x, y, z = self.index_to_lps[:3, 3]
        return float(x), float(y), float(z)

    @cached_property
    def centre_lps_mm(self) -> tuple[float, float, float]:
        """LPS position of the middle of the sampled block."""
        x, y, z = self.to_lps((np.asarray(self.shape) - 1) / 2)
        return float(x), float(y), float(z)

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of one voxel; true for sheared axes as well."""
        return float(abs(np.linalg.det(self.index_to_lps[:3, :3])))

    def to_lps(self, index: ArrayLike) -> NDArray[np.float64]:
        """Map (..., 3) indices in (k, j, i) order to (..., 3) LPS millimetres."""
        return aff.transform(self.index_to_lps, index)

    def to_index(self, lps_mm: ArrayLike) -> NDArray[np.float64]:
        """Map (..., 3) LPS millimetres to (..., 3) continuous (k, j, i) indices."""
        return aff.transform(self.lps_to_index, lps_mm)

    def contains(self, lps_mm: ArrayLike) -> NDArray[np.bool_]:
        """Whether (..., 3) LPS points fall inside a voxel of the grid."""
        index = self.to_index(lps_mm)
        inside = (index >= -0.5) & (index <= np.asarray(self.shape) - 0.5)
        return np.asarray(inside.all(axis=-1))

    def bounds_lps_mm(self) -> NDArray[np.float64]:
        """(2, 3): smallest and largest LPS corner of the block, voxel edges included."""
        edges = [(-0.5, n - 0.5) for n in self.shape]
        corners = self.to_lps(np.stack(np.meshgrid(*edges, indexing="ij"), -1).reshape(-1, 3))
        return np.stack([corners.min(axis=0), corners.max(axis=0)])

    def with_shape(self, shape: tuple[int, int, int]) -> Grid:
        """The same origin, axes and frame with another number of samples."""
        return Grid(shape, self.index_to_lps, self.frame_of_reference)

    def crop(self, start: tuple[int, int, int], shape: tuple[int, int, int]) -> Grid:
        """The sub-grid whose voxel (0, 0, 0) is this grid's voxel `start`."""
        matrix = np.array(self.index_to_lps)
        matrix[:3, 3] = self.to_lps(start)
        return Grid(shape, matrix, self.frame_of_reference)

    def resampled(self, spacing_mm: tuple[float, float, float]) -> Grid:
        """A grid over the same block of space with another spacing along k, j, i.

        The outer voxel edges of the first voxels coincide; the count is rounded,
        so the far edge may move by up to half a new voxel.
        """
        old = np.asarray(self.spacing_mm)
        new = np.asarray(spacing_mm, dtype=float)
        shape = np.maximum(1, np.round(np.asarray(self.shape) * old / new)).astype(int)
        scale = new / old
        matrix = np.array(self.index_to_lps)
        matrix[:3, :3] = matrix[:3, :3] * scale
        matrix[:3, 3] = self.to_lps(scale / 2 - 0.5)
        k, j, i = (int(n) for n in shape)
        return Grid((k, j, i), matrix, self.frame_of_reference)


def same_frame(a: Grid, b: Grid) -> bool:
    """Whether both grids are known to lie in one frame of reference."""
    return a.frame_of_reference is not None and a.frame_of_reference == b.frame_of_reference


def same_sampling(a: Grid, b: Grid, tolerance_mm: float = 1e-3) -> bool:
    """Whether voxels of equal index lie at equal places, frames left aside.

    Compares the outermost voxel centres, so the tolerance holds everywhere.
    """
    if a.shape != b.shape:
        return False
    ends = [(0, n - 1) for n in a.shape]
    corners = np.stack(np.meshgrid(*ends, indexing="ij"), -1).reshape(-1, 3)
    return bool(np.abs(a.to_lps(corners) - b.to_lps(corners)).max() <= tolerance_mm)


def same_grid(a: Grid, b: Grid, tolerance_mm: float = 1e-3) -> bool:
    """The one test of mask placement: same frame of reference and same sampling.

    An object is always on its own grid, even where the frame is unknown.
    """
    return a is b or (same_frame(a, b) and same_sampling(a, b, tolerance_mm))
