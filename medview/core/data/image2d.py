"""`Image2D`: a photograph, radiograph or single frame that is not part of a volume."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import frozen_array
from medview.core.errors import GeometryError


@dataclass(frozen=True, eq=False, slots=True)
class Image2D:
    """Pixels of one frame; not a one-slice volume.

    Attributes
    ----------
    array : (rows, columns) or (rows, columns, 3) ndarray
        Grey values, or RGB as uint8; native-endian, C-contiguous, read-only.
    spacing_mm : (float, float) or None
        Between rows, between columns. None where unknown: tools then show
        pixels, never invented millimetres.
    info : SourceInfo

    Raises
    ------
    GeometryError
        If the array is neither grey nor RGB.
    """

    array: NDArray[Any]
    spacing_mm: tuple[float, float] | None = None
    info: SourceInfo = field(default_factory=lambda: SourceInfo("image"))

    def __post_init__(self) -> None:
        is_rgb = self.array.ndim == 3 and self.array.shape[2] == 3
        if self.array.ndim != 2 and not is_rgb:
            raise GeometryError(f"An image is grey or RGB, not of shape {self.array.shape}.")
        object.__setattr__(self, "array", frozen_array(self.array))

    def __reduce__(self) -> tuple[object, ...]:
        # Built anew on the other side, because unpickled arrays are writeable.
        return (type(self), (self.array, self.spacing_mm, self.info))

    @property
    def is_rgb(self) -> bool:
        """Whether there are three colour samples per pixel."""
        return self.array.ndim == 3

    @property
    def intensity(self) -> Intensity:
        """What the values mean."""
        return self.info.intensity
