"""What the numbers in an image mean, and which display window suits them at first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Intensity(StrEnum):
    """Meaning of pixel values after rescale."""

    HOUNSFIELD = "hounsfield"
    SUV = "suv"
    ARBITRARY = "arbitrary"
    RGB = "rgb"
    LABELS = "labels"

    @property
    def is_hounsfield(self) -> bool:
        """Whether values are CT numbers: air -1000, water 0."""
        return self is Intensity.HOUNSFIELD

    @property
    def unit(self) -> str:
        """Unit to print after a value; empty where there is none."""
        return {"hounsfield": "HU", "suv": "SUV"}.get(self.value, "")

    @property
    def words(self) -> str:
        """What the values are, as part of a sentence: ``"Hounsfield units"``."""
        return {
            "hounsfield": "Hounsfield units",
            "suv": "standardised uptake values",
            "arbitrary": "values of no known unit",
            "rgb": "colours",
            "labels": "labels",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Window:
    """Window width and level (DICOM PS3.3 C.11.2.1.2), in the units of the pixel values."""

    width: float
    level: float

    @property
    def low(self) -> float:
        """Value drawn black."""
        return self.level - self.width / 2

    @property
    def high(self) -> float:
        """Value drawn white."""
        return self.level + self.width / 2


def default_window(array: NDArray[np.generic], intensity: Intensity) -> Window:
    """A first window where the file brings none.

    Hounsfield values start with soft tissue (400 / 40); anything else with the
    1st to 99th percentile of a thinned-out sample, because a single hot pixel
    must not turn the picture black.
    """
    if intensity.is_hounsfield:
        return Window(400.0, 40.0)
    step = tuple(max(1, n // 64) for n in array.shape)
    sample = array[tuple(slice(None, None, s) for s in step)].astype(np.float64)
    sample = sample[np.isfinite(sample)]
    if sample.size == 0:
        return Window(1.0, 0.5)
    low, high = (float(v) for v in np.percentile(sample, (1, 99)))
    if high <= low:
        low, high = float(sample.min()), float(sample.max())
    width = max(high - low, 1e-6 if array.dtype.kind == "f" else 1.0)
    return Window(width, (low + high) / 2)
