"""The value under the pointer, in words: number, unit and place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medview.core.data.intensity import Intensity
from medview.core.data.volume import Volume
from medview.core.findings.base import Finding
from medview.core.findings.labelmap import LabelMap


def of_volume(volume: Volume, lps_mm: NDArray[np.float64]) -> str:
    """E.g. ``"HU -812 @ 12.4 -33.0 -98.5"``; empty beside the volume.

    The value is that of the voxel in which the point lies, never interpolated.
    """
    index = np.round(volume.grid.to_index(lps_mm)).astype(int)
    if (index < 0).any() or (index >= np.asarray(volume.array.shape)).any():
        return ""
    value = volume.array[tuple(index)]
    place = " ".join(f"{c:.1f}" for c in lps_mm)
    return f"{_quantity(value, volume.intensity)} @ {place}"


def label_at(findings: tuple[Finding, ...], lps_mm: NDArray[np.float64]) -> str:
    """Names of the structures at a point, top first; empty where there are none."""
    names = []
    for item in reversed(findings):
        if not isinstance(item, LabelMap) or item.grid is None:
            continue
        index = np.round(item.grid.to_index(lps_mm)).astype(int)
        if (index < 0).any() or (index >= np.asarray(item.array.shape)).any():
            continue
        value = int(item.array[tuple(index)])
        names += [label.name for label in item.labels if label.value == value]
    return ", ".join(names)


def of_picture(
    pixels: NDArray[np.generic],
    intensity: Intensity,
    spacing_mm: tuple[float, float] | None,
    column: float,
    row: float,
) -> str:
    """As `of_volume` for a picture; in pixels where the spacing is not known.

    Parameters
    ----------
    pixels : (rows, columns[, 3]) ndarray
    intensity : Intensity
    spacing_mm : (row, column) or None
    column, row : float
        Pixel coordinates; whole numbers are pixel centres.
    """
    c, r = round(column), round(row)
    if not (0 <= r < pixels.shape[0] and 0 <= c < pixels.shape[1]):
        return ""
    value = pixels[r, c]
    words = " ".join(str(int(v)) for v in value) if pixels.ndim == 3 else ""
    words = f"RGB {words}" if words else _quantity(value, intensity)
    if spacing_mm is None:
        return f"{words} @ column {c} row {r} px"
    return f"{words} @ {column * spacing_mm[1]:.1f} {row * spacing_mm[0]:.1f} mm"


def _quantity(value: np.generic, intensity: Intensity) -> str:
    number = (
        f"{value:.4g}"
        if value.dtype.kind == "f" and not intensity.is_hounsfield
        else (f"{float(value):.0f}")
    )
    return f"{intensity.unit} {number}" if intensity.unit else number
