"""What a model is tried on where its author gives nothing: generated bodies that its card takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.data.image2d import Image2D
from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.geometry.grid import Grid
from medview.core.geometry.orient import AxisOrder, Orientation
from medview.core.geometry.resample import resample
from medview.host.card import InputSpec
from medview.testing.phantoms import ThoraxAnatomy, thorax, thorax_grid

Triple = tuple[float, float, float]
Sample = Callable[[Grid], Volume]
"""The same content on any grid."""

COARSE: Triple = (8.0, 5.0, 5.0)
"""40 x 77 x 77 voxels of a whole chest: small, so that the whole kit takes seconds."""
_FINER, _COARSER = 0.75, 1.3
_FIELD: Triple = (320.0, 384.0, 384.0)
_CENTRE: Triple = (0.0, 12.0, -15.0)
_CHILD = 0.6
"""Where voxels must be small, so is the person, and a run still takes seconds."""
_STACKED_ALONG: dict[Orientation, int] = {"axial": 0, "coronal": 1, "sagittal": 2, "oblique": 0}
"""Axis of the upright grid along which slices of a plane are stacked."""
_MOST_VOXELS = 4_000_000


def coarsest_mm(spec: InputSpec) -> float:
    """The widest spacing at which a card says that its model works as intended."""
    limits = [mm for mm in (spec.max_spacing_mm, spec.refuse_spacing_mm) if mm is not None]
    return min(limits, default=np.inf)


def base_grid(spec: InputSpec) -> Grid:
    """A coarse grid over a chest that a card accepts without doubt.

    The field of view shrinks where the spacing must be so fine that a whole
    chest would be too many voxels to try a model on in seconds, yet never
    below what the card asks to be covered from head to foot.
    """
    limit, size = coarsest_mm(spec), _size(spec)
    field = np.multiply(_FIELD, size)
    covered = max(spec.min_coverage_mm or 0.0, spec.refuse_coverage_mm or 0.0)
    field[0] = max(field[0], covered)
    # Leaves room for a sampling that is coarser in the plane.
    spacing = np.minimum(COARSE, (limit, limit / _COARSER, limit / _COARSER))
    plane = _plane(spec)
    across = _STACKED_ALONG[plane]
    spacing[across] = min(spacing[across], field[across] / max(spec.min_slices, 1))
    surplus = np.prod(field / spacing) / _MOST_VOXELS
    if surplus > 1:
        height = max(field[0] * surplus ** (-1 / 3), covered)
        field[1:] *= (surplus * height / field[0]) ** -0.5
        field[0] = height
    counts = np.maximum(1, np.round(field / spacing))
    # One slice more, since the count on another sampling may be rounded down.
    counts[0] = max(counts[0], np.ceil(covered / spacing[0]) + 1 if covered else 1)
    x, y, z = (size * c for c in _CENTRE)
    upright = thorax_grid(
        tuple(spacing), field_of_view_mm=tuple(counts * spacing), centre_lps_mm=(x, y, z)
    )
    rows, columns = (a for a in range(3) if a != across)
    sliced = AxisOrder((across, rows, columns), (False, False, False)).apply_to_grid(upright)
    return turned(sliced, 40.0, axis=0) if plane == "oblique" else sliced


def other_sampling(grid: Grid, limit_mm: float = np.inf) -> Grid:
    """The same block of space in thinner slices and wider pixels, none wider than `limit_mm`."""
    k, j, i = grid.spacing_mm
    return grid.resampled(
        (k * _FINER, max(j, min(j * _COARSER, limit_mm)), max(i, min(i * _COARSER, limit_mm)))
    )


def turned(grid: Grid, degrees: float, *, axis: int = 2) -> Grid:
    """The same samples turned about the middle, by default around the axis of the body.

    Parameters
    ----------
    grid : Grid
    degrees : float
    axis : int
        LPS axis of the turn: 0 from right to left, 2 from feet to head.
    """
    angle = np.deg2rad(degrees)
    one, two = (a for a in range(3) if a != axis)
    turn = np.eye(3)
    turn[one, one] = turn[two, two] = np.cos(angle)
    turn[one, two], turn[two, one] = -np.sin(angle), np.sin(angle)
    matrix = np.array(grid.index_to_lps)
    centre = np.asarray(grid.centre_lps_mm)
    matrix[:3, :3] = turn @ matrix[:3, :3]
    matrix[:3, 3] = centre + turn @ (matrix[:3, 3] - centre)
    return Grid(grid.shape, matrix, grid.frame_of_reference)


def chest(grid: Grid, spec: InputSpec) -> Volume:
    """A generated chest that says of itself what a card asks for.

    A model of another modality receives the same body in other values: what the kit looks at is
    how a model treats its input, never how good it is.
    """
    anatomy = ThoraxAnatomy(size=_size(spec))
    made = thorax(grid, anatomy=anatomy, supersample=(2, 2, 2), noise_hu=5.0).volume
    info = as_asked(made.info, spec)
    intensity = info.intensity
    array: NDArray[Any] = made.array
    if intensity is not Intensity.HOUNSFIELD:
        # Nothing below zero; a chest of water would be 5 SUV.
        scale = 0.005 if intensity is Intensity.SUV else 0.5
        array = ((made.array.astype(np.float32) + 1024) * np.float32(scale)).astype(
            np.float32 if intensity is Intensity.SUV else np.uint16
        )
    return Volume(array, grid, info)


def as_asked(info: SourceInfo, spec: InputSpec) -> SourceInfo:
    """The description of a volume, with modality, values and body part that a card takes."""
    modality = spec.modalities[0] if spec.modalities else "CT"
    usual = Intensity.HOUNSFIELD if modality == "CT" else Intensity.ARBITRARY
    body_part = spec.body_parts[0] if spec.body_parts else info.body_part
    return replace(info, modality=modality, intensity=spec.intensity or usual, body_part=body_part)


def disc(spec: InputSpec) -> Image2D:
    """A picture of a bright disc with a brighter one inside: in colour, unless the card is grey."""
    y, x = np.mgrid[0:256, 0:256].astype(np.float32) - 128
    colours = np.zeros((256, 256, 3), np.uint8)
    colours[np.hypot(x, y) < 120] = (180, 90, 40)
    colours[np.hypot(x - 60, y) < 20] = (250, 210, 140)
    intensity = spec.intensity or Intensity.RGB
    array: NDArray[Any] = colours
    if intensity is not Intensity.RGB:
        array = colours.mean(axis=2).astype(np.uint16)
    info = SourceInfo(
        "image",
        modality=spec.modalities[0] if spec.modalities else None,
        intensity=intensity,
        shape=(256, 256),
        spacing_mm=(0.5, 0.5) if spec.max_spacing_mm or spec.refuse_spacing_mm else None,
        body_part=spec.body_parts[0] if spec.body_parts else None,
    )
    return Image2D(array, info.spacing_mm, info)  # type: ignore[arg-type]


def _plane(spec: InputSpec) -> Orientation:
    return "axial" if not spec.planes or "axial" in spec.planes else spec.planes[0]


def _size(spec: InputSpec) -> float:
    return 1.0 if coarsest_mm(spec) >= COARSE[1] else _CHILD


def from_volume(volume: Volume) -> Sample:
    """A volume as a sample: linear interpolation gives it on other grids."""
    outside = float(volume.array.min())

    def sampled(grid: Grid) -> Volume:
        if grid is volume.grid:
            return volume
        array = resample(
            volume.array, volume.grid, grid, "linear", outside=outside, across_frames=True
        )
        return Volume(array, grid, replace(volume.info, fingerprint=None))

    return sampled
