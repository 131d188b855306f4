"""Join the classical outline with dense regions that only the network sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medview_lung_segmentation.classical import morphology as morph
from medview_lung_segmentation.classical.morphology import Mask, Tick
from medview_lung_segmentation.classical.working import Working

RIGHT, LEFT = 1, 2

_THIN_MM = 6.0
_SMALLEST_ML = 2.0
_WHOLE_LUNG_ML = 150.0
_MISSING_SHARE = 0.02


@dataclass(frozen=True, eq=False, slots=True)
class Fusion:
    """Both methods joined.

    Attributes
    ----------
    lungs : (k, j, i) ndarray of uint8
        1 right, 2 left, on the working grid.
    added_ml : float
        What only the network sees and was added.
    dice : float or None
        Agreement of both methods before they were joined; None where neither saw lung.
    network_only_ml, classical_only_ml : float
    opaque : tuple of int
        Sides that the network alone found.
    """

    lungs: NDArray[np.uint8]
    added_ml: float
    dice: float | None
    network_only_ml: float
    classical_only_ml: float
    opaque: tuple[int, ...] = ()


def fuse(
    work: Working,
    body: Mask,
    airways: Mask,
    classical: NDArray[np.uint8],
    network: NDArray[np.uint8],
    threshold_hu: float,
    tick: Tick,
) -> Fusion:
    """The classical lungs and the dense regions of the network that touch them.

    Only what lies in the body, is denser than air, and is thicker than the
    network's own uncertainty along the pleura is added. A region that touches
    no lung counts where it is a whole lung on a side that has none.
    """
    lungs, seen = classical > 0, network > 0
    extra = seen & ~lungs & body & ~airways & (work.hu >= threshold_hu)
    tick()
    thick = _opened(extra, work, tick)
    parts, count = morph.components(thick)
    tick()
    sizes = morph.sizes(parts, count) * work.voxel_ml
    touching = np.zeros(count + 1, dtype=bool)
    touching[np.unique(parts[ndimage.binary_dilation(lungs)])] = True
    opaque = _missing(classical, network)
    keep = touching & (sizes >= _SMALLEST_ML)
    out = classical.copy()
    if not lungs.any():
        # Without any air that is lung nothing says that this is a chest.
        return _result(work, classical, network, out, ())
    for value in opaque:
        on_side = np.unique(parts[network == value])
        keep[on_side] |= sizes[on_side] >= _WHOLE_LUNG_ML
    keep[0] = False
    added = keep[parts]
    out[added] = network[added]
    for value in (RIGHT, LEFT):
        inside = morph.filled(out == value, work.spacing_mm, tick)
        out[inside & (out == 0) & ~airways] = value
    return _result(work, classical, network, out, tuple(v for v in opaque if (out == v).any()))


def _opened(extra: Mask, work: Working, tick: Tick) -> Mask:
    """`extra` without layers thinner than the network's error at an outline."""
    core = morph.eroded(extra, _THIN_MM / 2, work.spacing_mm, tick)
    return morph.near(core, _THIN_MM / 2, work.spacing_mm, tick) & extra


def _missing(classical: NDArray[np.uint8], network: NDArray[np.uint8]) -> tuple[int, ...]:
    """Sides where the classical method has next to nothing and the network has a lung."""
    return tuple(
        v
        for v in (RIGHT, LEFT)
        if np.count_nonzero(classical == v) < _MISSING_SHARE * np.count_nonzero(network == v)
    )


def _result(
    work: Working,
    classical: NDArray[np.uint8],
    network: NDArray[np.uint8],
    out: NDArray[np.uint8],
    opaque: tuple[int, ...],
) -> Fusion:
    a, b = int(np.count_nonzero(classical)), int(np.count_nonzero(network))
    both = int(np.count_nonzero((classical > 0) & (network > 0)))
    return Fusion(
        out,
        (int(np.count_nonzero(out)) - a) * work.voxel_ml,
        2 * both / (a + b) if a + b else None,
        (b - both) * work.voxel_ml,
        (a - both) * work.voxel_ml,
        opaque,
    )
