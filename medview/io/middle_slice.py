"""One slice out of the middle of a series, read without the rest where the format allows it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medview.core.geometry.orient import canonical_order
from medview.io.dicom.frame import Frame
from medview.io.dicom.part import Part
from medview.io.dicom.picture import picture_values
from medview.io.file_image import FileImage
from medview.io.itk import read_array
from medview.io.load import content_of
from medview.io.raster import RasterImage, read_picture
from medview.io.scan import SeriesEntry

_MOST_VOXELS = 1 << 26
"""Volume files are read whole; larger ones are not worth a small picture."""
_FAR_FEWER = 3


@dataclass(frozen=True, slots=True, eq=False)
class MiddleSlice:
    """A slice as its first row is on top.

    Attributes
    ----------
    pixels : (rows, columns[, 3]) ndarray
    spacing_mm : (row, column)
        1, 1 where it is not known.
    """

    pixels: NDArray[np.generic]
    spacing_mm: tuple[float, float] = (1.0, 1.0)


def read_middle_slice(entry: SeriesEntry) -> MiddleSlice | None:
    """The middle slice at the middle time; None where it would cost too much, or is none.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    content = content_of(entry)
    if isinstance(content, Part):
        frame = _middle_frame(content)
        if frame is None:
            return None
        return MiddleSlice(picture_values(frame, content.factor), frame.spacing or (1.0, 1.0))
    if isinstance(content, RasterImage):
        return MiddleSlice(read_picture(content, 0)) if entry.series.kind == "image" else None
    if isinstance(content, FileImage):
        return _of_volume_file(content)
    return None


def _middle_frame(part: Part) -> Frame | None:
    if part.kind in ("document", "slide") or not part.times:
        return None
    frames = part.times[len(part.times) // 2].frames
    if not frames:
        return None
    frame = frames[len(frames) // 2]
    moves_in_one_object = part.kind == "image" and len(part.times) == 1 and frame.index == 0
    if moves_in_one_object:
        # The first frame of a clip is often black.
        return replace(frame, index=frame.instance.frame_count // 2)
    return frame


def _of_volume_file(image: FileImage) -> MiddleSlice | None:
    if int(np.prod(image.grid.shape, dtype=np.int64)) * image.samples > _MOST_VOXELS:
        return None
    order = canonical_order(image.grid)
    values = read_array(image, image.times // 2)
    if values.ndim == 4:
        channels = range(min(3, values.shape[3]))
        upright = np.stack([order.apply(values[..., c]) for c in channels], -1)
    else:
        upright = order.apply(values)
    return _facing(upright, order.apply_to_grid(image.grid).spacing_mm)


def _facing(upright: NDArray[np.generic], spacing_mm: tuple[float, float, float]) -> MiddleSlice:
    """The middle of an array whose axes run to Superior, Posterior and Left, as it is read.

    Axial, unless another axis has far fewer slices: a few sagittal slices cut across are a strip.
    """
    counts = upright.shape[:3]
    fewest, next_fewest = sorted(counts)[:2]
    axis = counts.index(fewest) if fewest * _FAR_FEWER < next_fewest else 0
    cut = np.take(upright, counts[axis] // 2, axis=axis)
    along = [step for other, step in enumerate(spacing_mm) if other != axis]
    # Rows run to Posterior in an axial slice; in the other two the head is on top.
    pixels = cut if axis == 0 else cut[::-1]
    return MiddleSlice(np.ascontiguousarray(pixels), (along[0], along[1]))
