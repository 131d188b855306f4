"""`LabelMap`: every voxel or pixel belongs to one named structure or to none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.data.volume import frozen_array
from medview.core.geometry.grid import Grid

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Code:
    """A coded term: scheme (e.g. ``"SCT"``), value, meaning (PS3.3 section 8)."""

    scheme: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Label:
    """One structure of a label map.

    Attributes
    ----------
    value : int
        Value in the array, above zero.
    name : str
    rgb : (int, int, int)
        0..255 each.
    code : Code, optional
    """

    value: int
    name: str
    rgb: Rgb
    code: Code | None = None


@dataclass(frozen=True, eq=False, slots=True)
class LabelMap:
    """Structures drawn on the source.

    Attributes
    ----------
    name : str
    array : (k, j, i) or (rows, columns) ndarray of uint8 or uint16
        0 is background; every other value has a `Label`. Read-only.
    labels : tuple of Label
    grid : Grid or None
        Must be the source's grid; None means just that, and the host fills it in.
    """

    name: str
    array: NDArray[Any]
    labels: tuple[Label, ...]
    grid: Grid | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "array", frozen_array(self.array))

    def __reduce__(self) -> tuple[object, ...]:
        # Built anew on the other side, because unpickled arrays are writeable.
        return (type(self), (self.name, self.array, self.labels, self.grid))

    def voxels(self, value: int) -> int:
        """How many voxels carry `value`; counted in slabs that leave the interpreter free."""
        return sum(int(np.count_nonzero(slab == value)) for slab in self.array)

    def volume_ml(self, value: int) -> float | None:
        """Volume of a label in millilitres; None on images, which have no volume."""
        if self.grid is None or self.array.ndim != 3:
            return None
        return self.voxels(value) * self.grid.voxel_volume_mm3 / 1000
