"""Sample an image at the pixel centres of a slice view, with `vtkImageReslice`.

Pixel centres are mapped straight to voxel indices by one matrix, so oblique,
mirrored and sheared grids take the same path and nothing is rounded twice.
Against `vtkImageResliceMapper` in an off-screen GL window, 800 x 800 pixels on
two cores: 3.6 ms instead of 20 ms for an axial frame, 24 instead of 36 ms for
an oblique one, and no GL context per view.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from vtkmodules.util import numpy_support
from vtkmodules.vtkImagingCore import vtkImageReslice

from medview.render.image_bridge import to_vtk_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from medview.core.geometry.grid import Grid
    from medview.core.scene.viewport import SlabMode, SliceState
    from medview.render.cameras import SliceCamera
    from medview.render.image_bridge import ArrayImage

# index order (k, j, i) <-> the (i, j, k) of VTK extents
_REVERSE = np.eye(4)[[2, 1, 0, 3]]


class PlaneSampler:
    """Samples one image under changing cameras; keeps its last result.

    Parameters
    ----------
    image : ArrayImage
    grid : Grid
        Where the array lies.
    interpolation : {"nearest", "linear"}
        Labels must be sampled with ``"nearest"``.
    """

    def __init__(
        self, image: ArrayImage, grid: Grid, interpolation: Literal["nearest", "linear"]
    ) -> None:
        self._image = image
        self._grid = grid
        self._reslice = vtkImageReslice()
        self._reslice.SetInputData(image.index_data)
        self._reslice.SetOutputDimensionality(2)
        self._reslice.SetOutputSpacing(1, 1, 1)
        self._reslice.SetOutputOrigin(0, 0, 0)
        # The outer half of border voxels belongs to them too.
        self._reslice.SetBorder(True)
        self._background = 0.0
        self.set_interpolation(interpolation)

    def set_interpolation(self, interpolation: Literal["nearest", "linear"]) -> None:
        """Change how values between voxel centres are made."""
        if interpolation == "linear":
            self._reslice.SetInterpolationModeToLinear()
        else:
            self._reslice.SetInterpolationModeToNearestNeighbor()

    def set_background(self, value: float) -> None:
        """Value of pixels outside the image."""
        self._background = value
        self._reslice.SetBackgroundLevel(value)

    @property
    def background(self) -> float:
        """Value of pixels outside the image."""
        return self._background

    def sample(
        self, camera: SliceCamera, slab_mode: SlabMode = "none", slab_mm: float = 0.0
    ) -> NDArray[np.generic]:
        """Values under every pixel.

        Parameters
        ----------
        camera : SliceCamera
        slab_mode : {"none", "max", "min", "mean"}
        slab_mm : float
            Native slices whose centre lies within half of this on either side are projected.

        Returns
        -------
        (height, width[, components]) ndarray of the image's dtype, top row first, read-only;
        valid until the next call.
        """
        reslice = self._reslice
        count = slab_slices(camera.step_mm, slab_mode, slab_mm)
        matrix = camera.pixel_to_lps()
        matrix[:3, 2] *= camera.step_mm
        if count > 1:
            # VTK 9.7 lays a slab half a sample before its middle.
            matrix[:3, 3] += matrix[:3, 2] / 2
        reslice.SetResliceAxes(to_vtk_matrix(_REVERSE @ self._grid.lps_to_index @ matrix))
        reslice.SetOutputExtent(0, camera.width - 1, 0, camera.height - 1, 0, 0)
        reslice.SetSlabNumberOfSlices(count)
        if slab_mode == "min":
            reslice.SetSlabModeToMin()
        elif slab_mode == "mean":
            reslice.SetSlabModeToMean()
        else:
            reslice.SetSlabModeToMax()
        reslice.Update()
        scalars = reslice.GetOutput().GetPointData().GetScalars()
        flat = numpy_support.vtk_to_numpy(scalars)
        out = flat.reshape((camera.height, camera.width, *flat.shape[1:]))
        out.flags.writeable = False
        return np.asarray(out)

    def sample_layer(self, camera: SliceCamera, state: SliceState) -> NDArray[Any]:
        """Values under every pixel for a layer on a picture that `state` describes.

        Through a slab a finding shows wherever the slab meets it, so its largest value counts.
        """
        mode: SlabMode = "none" if state.slab_mode == "none" else "max"
        return self.sample(camera, mode, state.slab_mm)

    def close(self) -> None:
        """Let go of the image."""
        self._reslice.SetInputData(None)


def slab_slices(step_mm: float, slab_mode: SlabMode, slab_mm: float) -> int:
    """How many native slices a slab projects: odd, so that the shown slice is in the middle."""
    if slab_mode == "none" or slab_mm <= 0 or step_mm <= 0:
        return 1
    return 2 * int(slab_mm / 2 / step_mm + 1e-6) + 1


def inside_grid(grid: Grid, camera: SliceCamera) -> NDArray[np.bool_]:
    """(height, width): whether the pixel's centre lies inside a voxel of `grid`."""
    matrix = grid.lps_to_index @ camera.pixel_to_lps()
    columns = np.arange(camera.width, dtype=np.float64)[None, :]
    rows = np.arange(camera.height, dtype=np.float64)[:, None]
    inside = np.ones((camera.height, camera.width), dtype=bool)
    for axis in range(3):
        index = matrix[axis, 0] * columns + matrix[axis, 1] * rows + matrix[axis, 3]
        # A native slice at the border lies on voxel centres, half a voxel from the edge.
        inside &= (index >= -0.5) & (index <= grid.shape[axis] - 0.5)
    return inside
