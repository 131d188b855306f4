"""From planes to a grid: regular, repaired by resampling, or refused with the reason.

Everything follows from Image Position and Image Orientation (PS3.3 C.7.6.2); file
names, instance numbers and slice thickness place nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview.core.geometry.grid import Grid
from medview.core.notice import Notice
from medview.io.dicom.frame import Frame

REGULAR_SHARE = 0.01
REGULAR_MM = 0.01
MAX_GAP_SHARE = 3.0
MAX_GAP_MM = 10.0
SAME_PLACE_MM = 0.01
_STRAIGHT_SHARE = 1e-3
"""Sideways drift per millimetre (0.06 degrees) that a slanted grid axis expresses exactly."""
_STRAIGHT_PIXELS = 0.05
_MAX_TILT_DEG = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Resampling:
    """How source planes become target slices.

    Attributes
    ----------
    lower : (slices,) ndarray of int
        Source plane at or below each target slice; the one above is ``lower + 1``.
    fraction : (slices,) ndarray of float
        Weight of the plane above.
    shift_px : (planes, 2) ndarray of float
        Where, in target rows and columns, each plane's first pixel lies.
    """

    lower: NDArray[np.intp]
    fraction: NDArray[np.float64]
    shift_px: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Planes in order along their normal, and the grid they make up.

    Attributes
    ----------
    frames : tuple of Frame
        Sorted along row x column.
    grid : Grid or None
        None where no trustworthy volume exists; `reason` then says why.
    resampling : Resampling or None
        None where planes are the slices of `grid` as they are.
    repairs : tuple of Notice
    reason : Notice or None
    """

    frames: tuple[Frame, ...]
    grid: Grid | None = None
    resampling: Resampling | None = None
    repairs: tuple[Notice, ...] = ()
    reason: Notice | None = None


def axes_of(frame: Frame) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Unit LPS directions along a row, along a column, and their normal.

    Cosines are made exactly orthonormal, because files round them.
    """
    cosines = np.asarray(frame.orientation, dtype=np.float64)
    row = cosines[:3] / np.linalg.norm(cosines[:3])
    normal = np.cross(row, cosines[3:])
    normal /= np.linalg.norm(normal)
    return row, np.cross(normal, row), normal


def distances(frames: Sequence[Frame]) -> NDArray[np.float64]:
    """Place of each plane along the first one's normal, in millimetres."""
    normal = axes_of(frames[0])[2]
    return np.asarray([f.position for f in frames], dtype=np.float64) @ normal


def arrange(frames: Sequence[Frame]) -> Layout:
    """Order planes of equal size, spacing and orientation, and find their grid.

    Parameters
    ----------
    frames : sequence of Frame
        With geometry, no two at the same place.

    Returns
    -------
    Layout
    """
    along = distances(frames)
    order = np.argsort(along, kind="stable")
    ordered = tuple(frames[i] for i in order)
    if len(ordered) < 2:
        return Layout(
            ordered, reason=Notice("single-slice", "There is one slice only, hence no volume.")
        )
    gaps = np.diff(along[order])
    median = float(np.median(gaps))
    reason = _reason_against(gaps, along[order], median)
    if reason is not None:
        return Layout(ordered, reason=reason)
    is_regular = float(gaps.max() - gaps.min()) <= max(REGULAR_MM, REGULAR_SHARE * median)
    sideways = _sideways(ordered, along[order])
    if is_regular and sideways.is_straight:
        return Layout(ordered, grid=_plain_grid(ordered, along[order]))
    if abs(sideways.tilt_deg) > _MAX_TILT_DEG or not _overlap(ordered[0], sideways):
        return Layout(
            ordered,
            reason=Notice(
                "slices-not-stacked",
                "The slices lie beside one another rather than behind one another.",
            ),
        )
    return _resampled(ordered, along[order], median, is_regular, sideways)


def _reason_against(
    gaps: NDArray[np.float64], along: NDArray[np.float64], median: float
) -> Notice | None:
    if gaps.min() < SAME_PLACE_MM:
        at = along[int(np.argmin(gaps))]
        return Notice(
            "repeated-positions",
            f"Several slices lie at the same place (at {at:.2f} mm along the normal), and no time, "
            "echo or b-value tells them apart.",
        )
    worst = int(np.argmax(gaps))
    limit = min(MAX_GAP_SHARE * median, MAX_GAP_MM)
    is_regular = float(gaps.max() - gaps.min()) <= max(REGULAR_MM, REGULAR_SHARE * median)
    if is_regular or gaps[worst] <= limit:
        return None
    count = round(float(gaps[worst]) / median) - 1
    guess = f"; about {count} slices seem to be missing" if count >= 1 else ""
    return Notice(
        "slice-gap",
        f"There is a gap of {gaps[worst]:.2f} mm between the slices at {along[worst]:.2f} and "
        f"{along[worst + 1]:.2f} mm, where {median:.2f} mm is usual{guess}. "
        "What lies in it is unknown, so the series is no volume.",
    )


def _overlap(first: Frame, sideways: _Sideways) -> bool:
    """Whether planes lie behind one another, at least in part, so that a box holds them all."""
    _, _, spacing = first.placed
    size = (first.format.columns * spacing[1], first.format.rows * spacing[0])
    return bool((np.ptp(sideways.offset_mm, axis=0) < size).all())


@dataclass(frozen=True, slots=True, eq=False)
class _Sideways:
    """How far planes are moved within their own plane.

    Attributes
    ----------
    offset_mm : (planes, 2) ndarray
        Along a row, along a column, relative to the first plane.
    is_straight, is_even : bool
        Whether a straight pile explains the planes; whether a slanted one does.
    tilt_deg : float
        Angle of the slant, with the sign of its part along the columns.
    """

    offset_mm: NDArray[np.float64]
    is_straight: bool
    is_even: bool
    tilt_deg: float


def _sideways(frames: tuple[Frame, ...], along: NDArray[np.float64]) -> _Sideways:
    row, column, _ = axes_of(frames[0])
    positions = np.asarray([f.position for f in frames], dtype=np.float64)
    offset = (positions - positions[0]) @ np.stack([row, column], axis=1)
    travel = along - along[0]
    slope = offset[-1] / travel[-1]
    spacing = np.asarray(frames[0].spacing)[::-1]
    limit = max(REGULAR_MM, _STRAIGHT_PIXELS * float(spacing.min()))
    is_even = bool(np.abs(offset - travel[:, None] * slope).max() <= limit)
    steepness = float(np.hypot(*slope))
    sign = -1.0 if slope[1] < 0 else 1.0
    return _Sideways(
        offset,
        is_even and steepness <= _STRAIGHT_SHARE,
        is_even,
        sign * float(np.degrees(np.arctan(steepness))),
    )


def _plain_grid(frames: tuple[Frame, ...], along: NDArray[np.float64]) -> Grid:
    row, column, _ = axes_of(frames[0])
    first, last = frames[0], frames[-1]
    position, _, spacing = first.placed
    matrix = np.eye(4)
    start = np.asarray(position, dtype=np.float64)
    matrix[:3, 0] = (np.asarray(last.position) - start) / (len(frames) - 1)
    matrix[:3, 1] = column * spacing[0]
    matrix[:3, 2] = row * spacing[1]
    matrix[:3, 3] = start
    shape = (len(frames), first.format.rows, first.format.columns)
    return Grid(shape, matrix, first.instance.frame_of_reference or None)


def _resampled(
    frames: tuple[Frame, ...],
    along: NDArray[np.float64],
    median: float,
    is_regular: bool,
    sideways: _Sideways,
) -> Layout:
    """A right-angled grid that holds every plane, with the first plane's pixels on it."""
    row, column, normal = axes_of(frames[0])
    first = frames[0]
    position, _, between = first.placed
    spacing = np.asarray(between, dtype=np.float64)
    step = float(along[-1] - along[0]) / (len(frames) - 1) if is_regular else median
    travel = along - along[0]
    count = len(frames) if is_regular else round(float(travel[-1]) / step) + 1
    offset = np.zeros_like(sideways.offset_mm) if sideways.is_straight else sideways.offset_mm
    shift = offset[:, ::-1] / spacing
    low = np.floor(shift.min(axis=0) + 1e-6)
    high = np.ceil(shift.max(axis=0) - 1e-6)
    rows, columns = (
        int(n + h - lo)
        for n, h, lo in zip((first.format.rows, first.format.columns), high, low, strict=True)
    )
    start = np.asarray(position, dtype=np.float64)
    start = start + column * spacing[0] * low[0] + row * spacing[1] * low[1]
    matrix = np.eye(4)
    matrix[:3, 0] = normal * step
    matrix[:3, 1] = column * spacing[0]
    matrix[:3, 2] = row * spacing[1]
    matrix[:3, 3] = start
    wanted = np.minimum(np.arange(count) * step, travel[-1])
    lower = np.clip(np.searchsorted(travel, wanted + 1e-6, side="right") - 1, 0, len(frames) - 2)
    fraction = np.clip((wanted - travel[lower]) / (travel[lower + 1] - travel[lower]), 0.0, 1.0)
    fraction[fraction < 1e-4] = 0.0
    fraction[fraction > 1 - 1e-4] = 1.0
    grid = Grid((count, rows, columns), matrix, first.instance.frame_of_reference or None)
    repairs = []
    if not is_regular:
        repairs.append(_uneven_notice(along, median, count, step))
    if not sideways.is_straight:
        repairs.append(_slant_notice(sideways))
    return Layout(
        frames,
        grid=grid,
        resampling=Resampling(lower, fraction, shift - low),
        repairs=tuple(repairs),
    )


def _uneven_notice(along: NDArray[np.float64], median: float, count: int, step: float) -> Notice:
    gaps = np.diff(along)
    odd = np.flatnonzero(np.abs(gaps - median) > max(REGULAR_MM, REGULAR_SHARE * median))
    places = ", ".join(f"{along[i]:.2f} to {along[i + 1]:.2f}" for i in odd[:4])
    more = f" and {len(odd) - 4} more" if len(odd) > 4 else ""
    return Notice(
        "uneven-spacing-resampled",
        f"Slice gaps vary from {gaps.min():.2f} to {gaps.max():.2f} mm (unusual: {places}{more} mm "
        f"along the normal); the {len(along)} slices were interpolated onto {count} slices "
        f"{step:.2f} mm apart.",
    )


def _slant_notice(sideways: _Sideways) -> Notice:
    if sideways.is_even:
        return Notice(
            "gantry-tilt-corrected",
            f"The slices are piled at a slant of {sideways.tilt_deg:.1f} degrees (gantry tilt); "
            "each was moved within its plane so that the volume is upright.",
        )
    far = float(np.linalg.norm(sideways.offset_mm, axis=1).max())
    return Notice(
        "slice-shift-corrected",
        f"The slices are moved against one another by up to {far:.1f} mm within their planes; "
        "each was put where its header says.",
    )
