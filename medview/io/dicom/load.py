"""Read the pixels of a part of a DICOM series."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medview.core.progress import ProgressFn
from medview.io.dicom.frame import Frame
from medview.io.dicom.geometry import axes_of
from medview.io.dicom.opened import Opened
from medview.io.dicom.part import Part
from medview.io.dicom.picture import picture_values
from medview.io.dicom.volume import OnSlice, read_volume


@dataclass(frozen=True, slots=True, eq=False)
class Slices:
    """The planes of a stack in reading order; see `medview.core.data.stack.Stack`."""

    pixels: tuple[NDArray[np.generic], ...]
    spacing_mm: tuple[tuple[float, float] | None, ...]
    labels: tuple[str, ...]


def read_time_point(
    part: Part, time: int, progress: ProgressFn, on_slice: OnSlice | None
) -> NDArray[np.generic]:
    """Values of one time point of a volume; see `read_volume`."""
    return read_volume(part.times[time], factor=part.factor, progress=progress, on_slice=on_slice)


def read_image(part: Part, time: int) -> NDArray[np.generic]:
    """Pixels of an image, or of one frame of an image that moves."""
    if len(part.times) > 1:
        return picture_values(part.times[time].frames[0], part.factor)
    frame = part.frames[0]
    return picture_values(replace(frame, index=frame.index + time), part.factor)


def read_slices(part: Part, progress: ProgressFn) -> Slices:
    """All planes of a stack."""
    frames = part.frames
    opened = Opened()
    pixels = []
    for number, frame in enumerate(frames):
        progress(number / len(frames), "Reading slices")
        pixels.append(picture_values(frame, part.factor, opened))
    return Slices(
        tuple(pixels),
        tuple(frame.spacing for frame in frames),
        tuple(_label(frame, number, len(frames)) for number, frame in enumerate(frames)),
    )


def _label(frame: Frame, number: int, count: int) -> str:
    place = f"{number + 1} / {count}"
    if not frame.has_geometry:
        return place
    along = float(np.asarray(frame.position) @ axes_of(frame)[2])
    return f"{place}, {along:.1f} mm"
