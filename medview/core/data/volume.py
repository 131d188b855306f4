"""`Volume`: an immutable array on a grid, with the description of where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.errors import GeometryError
from medview.core.geometry.grid import Grid
from medview.core.geometry.orient import AxisOrder


def frozen_array(array: NDArray[Any]) -> NDArray[Any]:
    """`array` native-endian, C-contiguous and read-only; copied only where it must be.

    VTK silently misreads foreign byte orders, so nothing else may pass.
    """
    fixed = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
    if fixed is array and array.flags.writeable:
        fixed = array.view()
    fixed.flags.writeable = False
    return fixed


@dataclass(frozen=True, eq=False, slots=True)
class Volume:
    """Voxels of one time point.

    Attributes
    ----------
    array : (k, j, i) ndarray
        Values after rescale, native-endian, C-contiguous, read-only.
    grid : Grid
        Where the voxels lie.
    info : SourceInfo
        Modality, meaning of values, identity; its grid is `grid`.

    Raises
    ------
    GeometryError
        If the array does not have the grid's shape.
    """

    array: NDArray[Any]
    grid: Grid
    info: SourceInfo = field(default_factory=lambda: SourceInfo("volume"))

    def __post_init__(self) -> None:
        if self.array.shape != self.grid.shape:
            raise GeometryError(
                f"An array of shape {self.array.shape} does not lie on a grid of {self.grid.shape}."
            )
        object.__setattr__(self, "array", frozen_array(self.array))
        if self.info.grid is not self.grid:
            object.__setattr__(self, "info", self.info.on_grid(self.grid))

    def __reduce__(self) -> tuple[object, ...]:
        # Built anew on the other side, because unpickled arrays are writeable.
        return (type(self), (self.array, self.grid, self.info))

    @property
    def intensity(self) -> Intensity:
        """What the values mean."""
        return self.info.intensity

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance of voxel centres along k, j, i."""
        return self.grid.spacing_mm

    def with_array(self, array: NDArray[Any]) -> Volume:
        """Other values on the same grid."""
        return replace(self, array=array)

    def reordered(self, order: AxisOrder) -> Volume:
        """The same voxels at the same places with axes permuted and flipped."""
        if order.is_identity:
            return self
        return replace(
            self,
            array=np.ascontiguousarray(order.apply(self.array)),
            grid=order.apply_to_grid(self.grid),
        )
