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
_FEW_SLICES = 3
_SKIN_MM, _SKIN_SHARE = 9.0, 0.5


@dataclass(frozen=True, slots=True)
class Airspace:
    """A connected airspace in the body.

    Attributes
    ----------
    label : int
    ml : float
    core_hu : float
        Median of its inside, away from walls: gas is near -1000, lung is not.
    skin_share : float
        Part of it that lies close to the skin: pockets between body and cushion do.
    at_top, at_bottom : bool
        Whether it is cut by the first or last slice.
    """

    label: int
    ml: float
    core_hu: float
    skin_share: float
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
        spaces.append(_measure(labels, int(label), ml, work, body, tick))
    in_chest = any(s.ml >= _SMALL_ML for s in spaces) or bool(airways[:_FEW_SLICES].any())
    accepted = tuple(s for s in spaces if _is_lung(s, in_chest))
    keep = np.zeros(count + 1, dtype=bool)
    keep[[s.label for s in accepted]] = True
    return np.asarray(keep[labels]), accepted


def _measure(
    labels: NDArray[np.int32], label: int, ml: float, work: Working, body: Mask, tick: Tick
) -> Airspace:
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
        0.0 if ml >= _LARGE_ML else _skin_share(labels, label, work, body, tick),
        bool(box[0].stop == labels.shape[0]),
        bool(box[0].start == 0),
    )


def _skin_share(
    labels: NDArray[np.int32], label: int, work: Working, body: Mask, tick: Tick
) -> float:
    box = morph.bounding_box(labels == label, work.spacing_mm, _SKIN_MM)
    if box is None:
        return 0.0
    mask = labels[box] == label
    close = morph.near(~body[box], _SKIN_MM, work.spacing_mm, tick)
    return float(np.count_nonzero(mask & close) / np.count_nonzero(mask))


def _is_lung(space: Airspace, in_chest: bool) -> bool:
    if space.core_hu > _DENSE_HU:
        return False
    if space.ml >= _LARGE_ML:
        return space.core_hu > _LARGE_GAS_HU
    if space.core_hu < _GAS_HU or space.skin_share > _SKIN_SHARE:
        return False
    # A small airspace is lung only where the volume ends and cuts it: at the top, or at the
    # bottom of a chest or neck, which a large lung or the windpipe tells from a belly.
    return space.ml >= _SMALL_ML or space.at_top or (space.at_bottom and in_chest)
