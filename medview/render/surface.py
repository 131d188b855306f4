"""`label_surface`: the smooth surface of one label, as arrays; pure, for any thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util import numpy_support
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import (
    vtkFlyingEdges3D,
    vtkWindowedSincPolyDataFilter,
)

from medview.core.errors import GeometryError
from medview.core.findings.labelmap import LabelMap
from medview.core.geometry.grid import Grid
from medview.render.image_bridge import ArrayImage
from medview.render.volume_copy import display_factors, merged_array, merged_grid

_VOXEL_BUDGET = 3_000_000
_TRIANGLE_BUDGET = 300_000
_CELLS_KEPT = 24
"""A structure keeps at least this many cells along an axis."""


@dataclass(frozen=True, eq=False, slots=True)
class Surface:
    """A triangle mesh in LPS millimetres.

    Attributes
    ----------
    points : (n, 3) ndarray of float32
    triangles : (m, 3) ndarray of int32
        Indices into `points`, counter-clockwise seen from outside.
    """

    points: NDArray[np.float32]
    triangles: NDArray[np.int32]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return len(self.triangles) == 0


def label_surface(labelmap: LabelMap, value: int, source: Grid | None = None) -> Surface:
    """The surface around all voxels of a label.

    Large structures are averaged down first: the occupancy of the merged voxels
    keeps the surface in place, to a fraction of a voxel.

    Parameters
    ----------
    labelmap : LabelMap
    value : int
        Of the label; a value that no voxel has gives an empty surface.
    source : Grid, optional
        The grid where the label map names none.

    Returns
    -------
    Surface
        Closed, also where the structure meets the border of the volume.
    """
    grid = labelmap.grid or source
    if grid is None:
        raise GeometryError(f"The label map {labelmap.name!r} has no grid to place it in space.")
    box = _bounding_box(labelmap.array, value)
    if box is None:
        return _empty()
    low, high = box
    shape = (int(high[0] - low[0]), int(high[1] - low[1]), int(high[2] - low[2]))
    cropped = grid.crop((int(low[0]), int(low[1]), int(low[2])), shape)
    factors = _merging(cropped)
    # Whole blocks only, so that nothing at the far side is lost; and a rim of nothing all around.
    padded = tuple(-(-n // f) * f + 2 * f for n, f in zip(shape, factors, strict=True))
    mask = np.zeros(padded, dtype=np.uint8)
    inner = tuple(slice(f, f + n) for n, f in zip(shape, factors, strict=True))
    part = labelmap.array[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    for target, slab in zip(mask[inner], part, strict=True):
        target[slab == value] = 200
    start = (-factors[0], -factors[1], -factors[2])
    rimmed = cropped.crop(start, (int(padded[0]), int(padded[1]), int(padded[2])))
    return _mesh(merged_array(mask, factors), merged_grid(rimmed, factors))


def _mesh(mask: NDArray[np.generic], grid: Grid) -> Surface:
    mesh = _contour(mask)
    while mesh.GetNumberOfPolys() > _TRIANGLE_BUDGET:
        # Merging once more is a hundred times quicker than thinning out triangles.
        mask = np.pad(mask, [(2, 2 + n % 2) for n in mask.shape])
        k, j, i = mask.shape
        grid = merged_grid(grid.crop((-2, -2, -2), (k, j, i)), (2, 2, 2))
        mask = merged_array(mask, (2, 2, 2))
        mesh = _contour(mask)
    if mesh.GetNumberOfPolys() == 0:
        return _empty()
    mesh = _into_lps(mesh, grid)
    smooth = vtkWindowedSincPolyDataFilter()
    smooth.SetInputData(mesh)
    smooth.SetNumberOfIterations(20)
    smooth.SetPassBand(0.03)
    smooth.NonManifoldSmoothingOn()
    smooth.NormalizeCoordinatesOn()
    smooth.BoundarySmoothingOff()
    smooth.FeatureEdgeSmoothingOff()
    smooth.Update()
    mesh = smooth.GetOutput()
    return _arrays(mesh, bool(np.linalg.det(grid.index_to_lps[:3, [2, 1, 0]]) < 0))


def _merging(grid: Grid) -> tuple[int, int, int]:
    """How many voxels to merge along k, j, i before meshing.

    Thick slices are thinly sampled in one direction only; cells that are more alike let
    the smoothing round off the terraces between them. Small structures are left as they are.
    """
    factors = np.asarray(display_factors(grid, _VOXEL_BUDGET, 512))
    spacing, shape = np.asarray(grid.spacing_mm), np.asarray(grid.shape)
    alike = np.floor(spacing.max() / 3 / spacing)
    harmless = shape // _CELLS_KEPT
    factors = np.maximum(factors, np.minimum(alike, harmless)).astype(int)
    return int(factors[0]), int(factors[1]), int(factors[2])


def _contour(mask: NDArray[np.generic]) -> vtkPolyData:
    """Where the occupancy crosses one half, in index space."""
    edges = vtkFlyingEdges3D()
    edges.SetInputData(ArrayImage(mask).index_data)
    edges.SetValue(0, 100)
    edges.ComputeNormalsOff()
    edges.ComputeGradientsOff()
    edges.ComputeScalarsOff()
    edges.Update()
    mesh: vtkPolyData = edges.GetOutput()
    return mesh


def _into_lps(mesh: vtkPolyData, grid: Grid) -> vtkPolyData:
    """Move points from (i, j, k) to LPS, so that smoothing works in millimetres."""
    points = numpy_support.vtk_to_numpy(mesh.GetPoints().GetData())
    lps = grid.to_lps(points[:, ::-1]).astype(np.float32)
    mesh.GetPoints().SetData(numpy_support.numpy_to_vtk(lps, deep=1))
    return mesh


def _arrays(mesh: vtkPolyData, mirrored: bool) -> Surface:
    points = numpy_support.vtk_to_numpy(mesh.GetPoints().GetData())
    cells = numpy_support.vtk_to_numpy(mesh.GetPolys().GetConnectivityArray())
    triangles = cells.reshape(-1, 3).astype(np.int32)
    if mirrored:
        triangles = triangles[:, ::-1]
    return Surface(np.array(points, dtype=np.float32), np.ascontiguousarray(triangles))


def _bounding_box(
    array: NDArray[np.generic], value: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """First index and one past the last, along k, j, i; found slice by slice."""
    slices = np.array([bool((slab == value).any()) for slab in array])
    if not slices.any():
        return None
    first, last = np.flatnonzero(slices)[[0, -1]]
    flat = np.zeros(array.shape[1:], dtype=bool)
    for slab in array[first : last + 1]:
        flat |= slab == value
    rows, columns = np.flatnonzero(flat.any(axis=1)), np.flatnonzero(flat.any(axis=0))
    low = np.array([first, rows[0], columns[0]], dtype=np.intp)
    high = np.array([last + 1, rows[-1] + 1, columns[-1] + 1], dtype=np.intp)
    return low, high


def _empty() -> Surface:
    return Surface(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32))
