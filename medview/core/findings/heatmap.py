"""`Heatmap`: a scalar field over the source, such as a probability or an activation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from medview.core.data.volume import frozen_array
from medview.core.geometry.grid import Grid


@dataclass(frozen=True, eq=False, slots=True)
class Heatmap:
    """A scalar field.

    Attributes
    ----------
    name : str
    array : (k, j, i) or (rows, columns) ndarray of float32
        Finite values within `range`. Read-only.
    range : (float, float)
        Values drawn with the first and the last colour.
    meaning : str
        What a value means, e.g. ``"probability"``, ``"class activation"``.
    grid : Grid or None
        May be coarser than the source, in the same frame of reference.
        None means the source's grid.
    """

    name: str
    array: NDArray[Any]
    range: tuple[float, float]
    meaning: str
    grid: Grid | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "array", frozen_array(self.array))

    def __reduce__(self) -> tuple[object, ...]:
        # Built anew on the other side, because unpickled arrays are writeable.
        return (type(self), (self.name, self.array, self.range, self.meaning, self.grid))
