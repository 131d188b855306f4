"""From the working grid back to the source's voxels: the outline follows the threshold."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medview.api import Volume
from medview_lung_segmentation.classical.morphology import Mask, Tick
from medview_lung_segmentation.classical.working import Working, clean

AIRWAYS = 3

T = TypeVar("T", bound=np.generic)


def refine(
    source: Volume,
    work: Working,
    lungs: NDArray[np.uint8],
    air: Mask,
    airways: Mask,
    threshold_hu: float,
    tick: Tick,
) -> NDArray[np.uint8]:
    """Labels on the source's grid.

    Parameters
    ----------
    source, work : Volume, Working
    lungs : (k, j, i) ndarray of uint8
        Closed lungs on the working grid.
    air : (k, j, i) ndarray of bool
        The part of them that is below the threshold there.
    airways : (k, j, i) ndarray of bool
    threshold_hu : float
    tick : callable

    Notes
    -----
    Within one working voxel of the outline the source's own values decide;
    where the closing drew the outline through tissue, it stays as drawn.
    """
    out = np.zeros(source.array.shape, dtype=np.uint8)
    cross = ndimage.generate_binary_structure(3, 1)
    inside = ndimage.binary_erosion(lungs > 0, cross, border_value=1)
    tick()
    solid = inside | ((lungs > 0) & ~air)
    spread = ndimage.grey_dilation(lungs, footprint=cross)
    tick()
    # Where both lungs are one voxel away the voxel keeps to its own lung.
    label = np.where(lungs > 0, lungs, spread).astype(np.uint8)
    label[airways] = 0
    tube = ndimage.binary_dilation(airways, cross) & (lungs == 0)
    tick()
    fk, fj, fi = work.factors
    for k in range(len(out)):
        if k % 8 == 0:
            tick()
        c = k // fk
        here = _up(label[c], fj, fi, out.shape[1:])
        if not here.any() and not tube[c].any():
            continue
        is_air = clean(source.array[k]) < threshold_hu
        lumen = _up(tube[c], fj, fi, out.shape[1:])
        keep = _up(solid[c], fj, fi, out.shape[1:]) | (is_air & ~lumen)
        out[k] = np.where(keep, here, 0)
        out[k][lumen & is_air & (out[k] == 0)] = AIRWAYS
    return out


def _up(plane: NDArray[T], fj: int, fi: int, shape: tuple[int, ...]) -> NDArray[T]:
    if (fj, fi) == (1, 1):
        return plane
    return np.repeat(np.repeat(plane, fj, axis=0), fi, axis=1)[: shape[0], : shape[1]]
