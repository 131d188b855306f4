"""Which airspaces are lung: bowel gas, pockets of air and specks are refused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medview_lung_segmentation.classical import morphology as morph
from medview_lung_segmentation.classical.morphology import Mask, Tick
from medview_lung_segmentation.classical.working import Working

_SPECK_ML = 4.0
_LARGE_ML = 800.0
_SMALL_ML = 220.0
_GAS_HU = -945.0
_LARGE_GAS_HU = -985.0
_DENSE_HU = -480.0
_CORE_MM = 3.0


@dataclass(frozen=True, slots=True)
class Airspace:
    """A connected airspace in the body.

    Attributes
    ----------
    label : int
    ml : float
    core_hu : float
        Median of its inside, away from walls: gas is near -1000, lung is not.
    at_top, at_bottom : bool
        Whether it is cut by the first or last slice.
    """

    label: int
    ml: float
    core_hu: float
    at_top: bool
    at_bottom: bool


def lung_air(
    work: Working, body: Mask, airways: Mask, threshold_hu: float, tick: Tick
) -> tuple[Mask, tuple[Airspace, ...]]:
    """Air of the lungs, and the airspaces that make it up, largest first."""
    # Two voxels part the lungs from bronchi whose thin walls are lost on this grid.
    wall = ndimage.binary_dilation(airways, iterations=1) if airways.any() else airways
    tick()
    air = (work.hu < threshold_hu) & body & ~wall
    labels, count = morph.components(air)
    tick()
    sizes = morph.sizes(labels, count)
    sizes[0] = 0
    spaces = []
    for label in np.argsort(-sizes)[:40]:
        ml = float(sizes[label]) * work.voxel_ml
        if ml < _SPECK_ML:
            break
        tick()
        spaces.append(_measure(labels, int(label), ml, work))
    accepted = tuple(s for s in spaces if _is_lung(s, spaces))
    keep = np.zeros(count + 1, dtype=bool)
    keep[[s.label for s in accepted]] = True
    return np.asarray(keep[labels]), accepted


def _measure(labels: NDArray[np.int32], label: int, ml: float, work: Working) -> Airspace:
    box = ndimage.find_objects(labels, max_label=label)[label - 1]
    mask = labels[box] == label
    # Erosion in the slice only: thick slices would leave nothing in between.
    width = max(1, round(_CORE_MM / work.spacing_mm[2]))
    cross = ndimage.generate_binary_structure(3, 1)
    cross[0] = cross[2] = False
    core = ndimage.binary_erosion(mask, cross, iterations=width)
    values = work.hu[box][core if core.any() else mask]
    return Airspace(
        label,
        ml,
        float(np.median(values[:: max(1, len(values) // 200_000)])),
        bool(box[0].stop == labels.shape[0]),
        bool(box[0].start == 0),
    )


def _is_lung(space: Airspace, spaces: list[Airspace]) -> bool:
    if space.core_hu > _DENSE_HU:
        return False
    if space.ml >= _LARGE_ML:
        return space.core_hu > _LARGE_GAS_HU
    if space.core_hu < _GAS_HU:
        return False
    # A small airspace is lung only where the volume ends and cuts it, or beside a large lung.
    return space.ml >= _SMALL_ML or space.at_top or _near_large(space, spaces)


def _near_large(space: Airspace, spaces: list[Airspace]) -> bool:
    return space.at_bottom and any(s.ml >= _SMALL_ML for s in spaces)
