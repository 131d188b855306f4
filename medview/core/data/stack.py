"""`Stack`: slices that can be read one by one but do not form a trustworthy volume."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from medview.core.data.source import SourceInfo
from medview.core.data.volume import frozen_array


@dataclass(frozen=True, eq=False, slots=True)
class Stack:
    """Slices in reading order without a common geometry.

    Attributes
    ----------
    slices : tuple of (rows, columns) or (rows, columns, 3) ndarray
        Each native-endian, C-contiguous, read-only; sizes may differ.
    spacing_mm : tuple of (row, column) or None, one per slice
    labels : tuple of str
        What to print beside each slice, e.g. its position.
    info : SourceInfo
        Its marks say why this is no volume.
    """

    slices: tuple[NDArray[Any], ...]
    spacing_mm: tuple[tuple[float, float] | None, ...]
    labels: tuple[str, ...]
    info: SourceInfo = field(default_factory=lambda: SourceInfo("stack"))

    def __post_init__(self) -> None:
        object.__setattr__(self, "slices", tuple(frozen_array(s) for s in self.slices))

    def __reduce__(self) -> tuple[object, ...]:
        # Built anew on the other side, because unpickled arrays are writeable.
        return (type(self), (self.slices, self.spacing_mm, self.labels, self.info))
