"""What lies under a pixel: the voxel, its value and the labels there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medview.core.data.intensity import Window
from medview.core.data.volume import Volume
from medview.core.findings.labelmap import Label, LabelMap
from medview.core.geometry.grid import Grid
from medview.core.scene.layer import Layer
from medview.render.image_bridge import GridImage
from medview.render.presets import VolumePreset


@dataclass(frozen=True, slots=True)
class Probe:
    """The voxel under a point.

    Attributes
    ----------
    lps_mm : (x, y, z)
        The point itself.
    index : (k, j, i)
        The voxel that holds it.
    value : float or int
        Its value, never interpolated.
    """

    lps_mm: tuple[float, float, float]
    index: tuple[int, int, int]
    value: float | int


def voxel_at(grid: Grid, lps_mm: ArrayLike) -> tuple[int, int, int] | None:
    """The (k, j, i) of the voxel that holds an LPS point; None outside the grid."""
    index = np.floor(grid.to_index(lps_mm) + 0.5).astype(int)
    if (index < 0).any() or (index >= np.asarray(grid.shape)).any():
        return None
    return int(index[0]), int(index[1]), int(index[2])


def probe(volume: Volume, lps_mm: ArrayLike) -> Probe | None:
    """The voxel of a volume that holds an LPS point; None outside."""
    index = voxel_at(volume.grid, lps_mm)
    if index is None:
        return None
    x, y, z = (float(v) for v in np.asarray(lps_mm, dtype=float))
    return Probe((x, y, z), index, volume.array[index].item())


def label_at(labelmap: LabelMap, source: Grid, lps_mm: ArrayLike) -> Label | None:
    """The label that holds an LPS point; None on background and outside."""
    index = voxel_at(labelmap.grid or source, lps_mm)
    if index is None:
        return None
    value = int(labelmap.array[index])
    return next((label for label in labelmap.labels if label.value == value), None)


def first_hit(
    point: NDArray[np.float64],
    direction: NDArray[np.float64],
    image: GridImage | None,
    preset: VolumePreset,
    window: Window,
    layers: tuple[Layer, ...],
    source: Grid,
) -> NDArray[np.float64] | None:
    """Where a line of sight first meets something dense, in LPS mm.

    Parameters
    ----------
    point : (3,) ndarray
        Any LPS point of the line.
    direction : (3,) ndarray
        Unit vector away from the reader.
    image : GridImage or None
        The ray-cast volume; None while it is hidden.
    preset, window
        Which values are dense.
    layers : tuple of Layer
        Visible labels of label maps stop the line too.
    source : Grid
        The grid of label maps that name none, and the block that is searched.
    """
    corners = source.bounds_lps_mm()
    reach = float(np.linalg.norm(corners[1] - corners[0])) + float(
        np.linalg.norm(point - corners.mean(axis=0))
    )
    step = min(source.spacing_mm)
    places = point + np.arange(-reach, reach, step)[:, None] * direction
    solid = np.zeros(len(places), dtype=bool)
    if image is not None:
        values, inside = _along(image.array, image.grid, places)
        low, scale = (0.0, 1.0) if preset.intensity == "hounsfield" else (window.low, window.width)
        stops = np.array([low + value * scale for value, _ in preset.opacity])
        opacity = (
            np.interp(values.astype(float), stops, [height for _, height in preset.opacity])
            * inside
        )
        clear = np.cumsum(np.log1p(-np.minimum(opacity, 0.999)) * step)
        solid |= clear < np.log(0.5)
    for layer in layers:
        if isinstance(layer.finding, LabelMap) and layer.state.visible:
            labelmap = layer.finding
            labels, inside = _along(labelmap.array, labelmap.grid or source, places)
            shown = [n.value for n in labelmap.labels if n.value not in layer.state.hidden_labels]
            solid |= inside & np.isin(labels, shown)
    return places[int(np.argmax(solid))] if solid.any() else None


def _along(
    array: NDArray[np.generic], grid: Grid, places: NDArray[np.float64]
) -> tuple[NDArray[np.generic], NDArray[np.bool_]]:
    """Nearest values at (n, 3) LPS points, and which of the points lie inside."""
    index = np.floor(grid.to_index(places) + 0.5).astype(np.intp)
    last = np.asarray(grid.shape) - 1
    inside = ((index >= 0) & (index <= last)).all(axis=1)
    k, j, i = np.clip(index, 0, last).T
    return np.asarray(array[k, j, i]), np.asarray(inside)
