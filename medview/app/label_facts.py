"""Size and place of every structure of a label map, counted in one pass on a worker thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview.core.findings.labelmap import LabelMap
from medview.core.scene.viewport import Point


@dataclass(frozen=True, slots=True)
class LabelFact:
    """What a list says about one structure.

    Attributes
    ----------
    value : int
    voxels : int
        Pixels, where the label map lies on an image.
    volume_ml : float or None
        None on images.
    inside_lps_mm : (x, y, z) or None
        A point of the structure near the middle of its largest slice, to jump
        to; None where it is empty or lies on an image.
    """

    value: int
    voxels: int
    volume_ml: float | None
    inside_lps_mm: Point | None


def label_facts(item: LabelMap) -> tuple[LabelFact, ...]:
    """Facts for every declared label, in their order.

    Goes slice by slice, so that other threads get the interpreter in between.
    """
    slabs = item.array if item.array.ndim == 3 else item.array[np.newaxis]
    most = max((label.value for label in item.labels), default=0) + 1
    areas = np.stack([_counts(slab, most) for slab in slabs])
    return tuple(_fact(item, slabs, label.value, areas[:, label.value]) for label in item.labels)


def _counts(slab: NDArray[np.generic], length: int) -> NDArray[np.int64]:
    return np.bincount(slab.ravel(), minlength=length)[:length].astype(np.int64)


def _fact(
    item: LabelMap, slabs: NDArray[np.generic], value: int, areas: NDArray[np.int64]
) -> LabelFact:
    voxels = int(areas.sum())
    if item.grid is None or item.array.ndim != 3:
        return LabelFact(value, voxels, None, None)
    volume_ml = voxels * item.grid.voxel_volume_mm3 / 1000
    if voxels == 0:
        return LabelFact(value, 0, 0.0, None)
    k = int(np.argmax(areas))
    places = np.argwhere(slabs[k] == value)
    # The centroid of a horseshoe lies outside it; its nearest member does not.
    off = np.linalg.norm(places - places.mean(axis=0), axis=1)
    j, i = places[int(np.argmin(off))]
    x, y, z = item.grid.to_lps((k, j, i))
    return LabelFact(value, voxels, volume_ml, (float(x), float(y), float(z)))
