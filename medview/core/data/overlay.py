"""One-bit graphics that a file brings along with its pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview.core.geometry.grid import Grid


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


@dataclass(frozen=True, eq=False, slots=True)
class OverlayGraphics:
    """All overlay planes of one time point, ready to be drawn.

    Attributes
    ----------
    name : str
        What the files call them, else "Overlay".
    masks : tuple of ((rows, columns) ndarray of bool, or None)
        One per slice in the order of k, or per picture of a stack; None where there is nothing.
    grid : Grid or None
        Of the volume whose slices they lie on; None for pictures.
    """

    name: str
    masks: tuple[NDArray[np.bool_] | None, ...]
    grid: Grid | None = None

    @classmethod
    def of(
        cls, slices: Sequence[Sequence[OverlayPlane]], grid: Grid | None
    ) -> OverlayGraphics | None:
        """The planes of each slice laid over one another; None if no slice has any."""
        masks: list[NDArray[np.bool_] | None] = []
        for planes in slices:
            united = np.logical_or.reduce([plane.mask for plane in planes]) if planes else None
            masks.append(united if united is not None and united.any() else None)
        if all(mask is None for mask in masks):
            return None
        labels = dict.fromkeys(p.label for planes in slices for p in planes if p.label)
        return cls(", ".join(labels) or "Overlay", tuple(masks), grid)
