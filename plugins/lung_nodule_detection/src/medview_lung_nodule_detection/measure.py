"""Numbers of one outlined nodule: axes, volume, density, composition, side, pleura."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from medview_lung_nodule_detection.outline import SOLID_HU, Outline
from medview_lung_nodule_detection.working import Mask, Working

Composition = Literal["solid", "part-solid", "ground-glass"]
CALCIUM_HU = 200.0
_PLEURA_REACH = 30


@dataclass(frozen=True, slots=True)
class NoduleNumbers:
    """What is known of one nodule; lengths in mm.

    Attributes
    ----------
    long_mm, short_mm : float
        In the axial plane where its area is largest; the short axis is the
        greatest width across the long one.
    volume_mm3 : float
    mean_hu : float
    composition : {"solid", "part-solid", "ground-glass"}
    calcified_percent : float
        Of the inner voxels, above 200 HU; contrast medium counts as well.
    side : {"right", "left"}
    pleura_mm : float or None
        From its surface to the outside of the lung; None beyond 30 mm.
    """

    long_mm: float
    short_mm: float
    volume_mm3: float
    mean_hu: float
    composition: Composition
    calcified_percent: float
    side: Literal["right", "left"]
    pleura_mm: float | None

    @property
    def mean_diameter_mm(self) -> float:
        """Mean of long and short axis, as guidelines use it."""
        return (self.long_mm + self.short_mm) / 2


def measured(outline: Outline, work: Working, index: NDArray[np.float64]) -> NoduleNumbers:
    """All numbers of a nodule; `index` is its middle on the working copy."""
    from scipy.ndimage import distance_transform_edt

    voxel = outline.voxel_mm
    areas = outline.mask.sum(axis=(1, 2))
    long_mm, short_mm = axes_mm(outline.mask[int(areas.argmax())], voxel)
    depth = distance_transform_edt(np.pad(outline.mask, 1))[1:-1, 1:-1, 1:-1] * voxel
    # Partial volume makes every rim look like glass, so that inner voxels decide.
    inner = outline.mask & (depth > min(1.2, 0.5 * float(depth.max())))
    values = outline.hu[inner if inner.any() else outline.mask]
    solid = float(np.mean(values > SOLID_HU))
    composition: Composition = "part-solid"
    if solid >= 0.8:
        composition = "solid"
    elif solid <= 0.08:
        composition = "ground-glass"
    return NoduleNumbers(
        long_mm,
        short_mm,
        float(np.count_nonzero(outline.mask)) * voxel**3,
        float(outline.hu[outline.mask].mean()),
        composition,
        100 * float(np.mean(values > CALCIUM_HU)),
        _side(work, index),
        _pleura_mm(outline, work, index),
    )


def axes_mm(mask: Mask, pixel_mm: float) -> tuple[float, float]:
    """Longest extent of a plane figure, and its greatest width across that direction.

    Extents run from edge to edge: a single pixel measures one pixel.
    """
    rim = np.argwhere(mask & ~_eroded(mask)).astype(np.float64)
    angles = np.deg2rad(np.arange(180))
    ways = np.stack([np.sin(angles), np.cos(angles)])
    along = rim @ ways
    extent = along.max(axis=0) - along.min(axis=0) + 1
    longest = int(extent.argmax())
    across = (longest + 90) % 180
    return float(extent[longest]) * pixel_mm, float(extent[across]) * pixel_mm


def _eroded(mask: Mask) -> Mask:
    wide = np.pad(mask, 1)
    return np.asarray(wide[:-2, 1:-1] & wide[2:, 1:-1] & wide[1:-1, :-2] & wide[1:-1, 2:])


def _block(work: Working, index: NDArray[np.float64], reach: int) -> tuple[slice, ...]:
    middle = np.rint(index).astype(int)
    return tuple(
        slice(max(0, min(m - reach, n - 1)), max(1, min(m + reach + 1, n)))
        for m, n in zip(middle, work.lungs.shape, strict=True)
    )


def _side(work: Working, index: NDArray[np.float64]) -> Literal["right", "left"]:
    for reach in (1, 6, 20):
        around = work.lungs[_block(work, index, reach)]
        right, left = np.count_nonzero(around == 1), np.count_nonzero(around == 2)
        if right != left:
            break
    return "right" if right > left else "left"


def _pleura_mm(outline: Outline, work: Working, index: NDArray[np.float64]) -> float | None:
    from scipy.ndimage import distance_transform_edt

    radius = np.cbrt(np.count_nonzero(outline.mask) * 3 / (4 * np.pi)) * outline.voxel_mm
    box = _block(work, index, _PLEURA_REACH + int(radius))
    lung = work.lungs[box] > 0
    if lung.all():
        return None
    depth = distance_transform_edt(lung)
    points = np.argwhere(outline.mask) - (np.asarray(outline.mask.shape) - 1) / 2
    at = np.rint(index + points * outline.voxel_mm - [b.start for b in box]).astype(int)
    at = np.clip(at, 0, np.asarray(lung.shape) - 1)
    gap = max(0.0, float(depth[tuple(at.T)].min()) - 1.0)
    return gap if gap <= _PLEURA_REACH else None
