"""`OverlayPlane`: one-bit graphics that a file brings along with its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, slots=True)
class OverlayPlane:
    """Graphics over one slice, never burnt into its values (PS3.3 C.9.2).

    Attributes
    ----------
    mask : (rows, columns) ndarray of bool
        On the pixels of the slice, read-only.
    label : str
        What the file calls it; empty where it says nothing.
    """

    mask: NDArray[np.bool_]
    label: str = ""

    def __post_init__(self) -> None:
        self.mask.setflags(write=False)
