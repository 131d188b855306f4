"""Numpy arrays as `vtkImageData`, without copying; the place in `render` that reverses axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from vtkmodules.util import numpy_support
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkCommonMath import vtkMatrix4x4

from medview.core.errors import GeometryError, InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from medview.core.data.volume import Volume
    from medview.core.geometry.grid import Grid

_READABLE = frozenset(
    np.dtype(name)
    for name in ["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"]
)
"""What VTK's samplers take as it is; 64-bit integers stop the process in VTK 9.7."""

_REPLACEMENT: dict[np.dtype[Any], np.dtype[Any]] = {
    np.dtype(np.bool_): np.dtype(np.uint8),
    np.dtype(np.float16): np.dtype(np.float32),
    np.dtype(np.int64): np.dtype(np.float64),
    np.dtype(np.uint64): np.dtype(np.float64),
}
"""What the rest is copied to for display; none of these comes out of a DICOM series."""


def drawable(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """`array` itself where VTK can read it, else a copy of a type that it can."""
    replacement = _REPLACEMENT.get(array.dtype)
    return array if replacement is None else np.asarray(array.astype(replacement))


class ArrayImage:
    """A numpy array as VTK image data in index space: spacing 1, origin 0, no direction.

    Parameters
    ----------
    array : (k, j, i) or (k, j, i, components) ndarray
        Native-endian, C-contiguous. Never copied; kept alive by this object.

    Raises
    ------
    InputError
        If VTK would misread the array: foreign byte order, strided, or a dtype it lacks.
    """

    def __init__(self, array: NDArray[np.generic]) -> None:
        _refuse_unreadable(array)
        self.array = array
        k, j, i = array.shape[:3]
        components = array.shape[3] if array.ndim == 4 else 1
        # A flat view: numpy_to_vtk would copy anything it has to reshape itself.
        flat = array.reshape(-1) if components == 1 else array.reshape(-1, components)
        self._scalars = numpy_support.numpy_to_vtk(flat)
        self.index_data = vtkImageData()
        self.index_data.SetDimensions(i, j, k)
        self.index_data.GetPointData().SetScalars(self._scalars)

    @property
    def components(self) -> int:
        """Samples per voxel: 1, or 3 for RGB."""
        return int(self._scalars.GetNumberOfComponents())

    def touch(self) -> None:
        """Say that the array's values were changed in place."""
        self._scalars.Modified()
        self.index_data.Modified()


class GridImage(ArrayImage):
    """An array that lies on a grid.

    Attributes
    ----------
    grid : Grid
    data : vtkImageData
        With the grid's spacing, and nothing else of its geometry; shares its scalars.
    to_lps : vtkMatrix4x4
        The user matrix that brings `data` into place: rotation, mirroring, shear, origin.
        Not VTK's direction matrix: the CPU ray caster of 9.7 ignores it, the GPU one
        loses volumes whose directions mirror, and neither knows shear.
    """

    def __init__(self, array: NDArray[np.generic], grid: Grid) -> None:
        if array.shape[:3] != grid.shape:
            raise GeometryError(
                f"An array of shape {array.shape} does not lie on a grid of {grid.shape}."
            )
        super().__init__(array)
        self.grid = grid
        self.data = vtkImageData()
        self.data.SetDimensions(self.index_data.GetDimensions())
        self.data.SetSpacing(*reversed(grid.spacing_mm))
        self.data.GetPointData().SetScalars(self._scalars)
        matrix = np.eye(4)
        matrix[:3, :3] = grid.directions[:, ::-1]
        matrix[:3, 3] = grid.origin_lps_mm
        self.to_lps = to_vtk_matrix(matrix)


class VolumeImage(GridImage):
    """The one VTK image of a volume, shared by every view that shows it.

    Parameters
    ----------
    volume : Volume
    """

    def __init__(self, volume: Volume) -> None:
        super().__init__(drawable(volume.array), volume.grid)
        self.volume = volume


def to_vtk_matrix(matrix: NDArray[np.float64]) -> vtkMatrix4x4:
    """A (4, 4) array as a VTK matrix."""
    out = vtkMatrix4x4()
    out.DeepCopy(np.asarray(matrix, dtype=float).ravel().tolist())
    return out


def scalars_of(data: vtkImageData) -> NDArray[np.generic]:
    """The values of image data as (k, j, i[, components]), read-only and without a copy."""
    i, j, k = data.GetDimensions()
    flat = numpy_support.vtk_to_numpy(data.GetPointData().GetScalars())
    array = flat.reshape((k, j, i, *flat.shape[1:]))
    # VTK hands out writable views even of read-only arrays.
    array.flags.writeable = False
    return np.asarray(array)


def _refuse_unreadable(array: NDArray[np.generic]) -> None:
    if array.ndim not in (3, 4):
        raise InputError(f"An image for display has 3 axes, or 4 with colour, not {array.ndim}.")
    if not array.dtype.isnative:
        raise InputError(
            "Pixels in a foreign byte order cannot be drawn; convert them to native order.",
            code="byte-order",
        )
    if array.dtype not in _READABLE:
        raise InputError(f"Pixels of type {array.dtype} cannot be drawn.", code="pixel-type")
    if not array.flags.c_contiguous:
        raise InputError("Pixels must lie contiguously in memory to be drawn without a copy.")
