"""Whether what opened of a damaged file is what pydicom reads from the same bytes."""

from __future__ import annotations

import warnings

import numpy as np
import pydicom
from numpy.typing import NDArray

from medview.core.data.image2d import Image2D
from medview.core.data.stack import Stack
from medview.core.data.volume import Volume
from medview.io.dicom.colour import rgb_samples
from medview.io.dicom.decode import LOSSY
from medview.io.dicom.frame import Frame
from medview.io.dicom.part import Part
from medview.io.dicom.pixels import read_stored
from medview.io.dicom.tags import PIXEL_TAGS
from medview.io.scan import SeriesEntry


def check_truth(entry: SeriesEntry, opened: object) -> None:
    """Compare values, rescale and place of every plane; raises AssertionError."""
    part = entry.content
    if not isinstance(part, Part):
        return
    if isinstance(opened, Volume):
        frames = part.times[-1].frames
        for k, frame in enumerate(frames):
            _check_values(frame)
            if not entry.series.repairs:
                _check_place(frame, opened, k)
                _check_rescale(frame, opened.array[k], part.factor)
    elif isinstance(opened, Stack | Image2D):
        _check_values(part.frames[-1])


def _reference(frame: Frame) -> pydicom.Dataset | None:
    header = frame.instance.header
    if not header.source.is_plain or frame.tile is not None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = pydicom.dcmread(header.source.path, force=True)
    except Exception:  # noqa: BLE001 - a file that pydicom cannot read tells nothing
        return None
    # It lost its way early where it found no pixels that medview found.
    return dataset if any(tag in dataset for tag in PIXEL_TAGS) else None


def _check_values(frame: Frame) -> None:
    """Stored values are those of pydicom, where pydicom has any."""
    dataset = _reference(frame)
    if dataset is None:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = np.asarray(dataset.pixel_array)
            if int(dataset.get("NumberOfFrames", 1) or 1) > 1:
                theirs = theirs[frame.index]
    except Exception:  # noqa: BLE001 - a file that pydicom cannot decode tells nothing
        return
    ours: NDArray[np.generic] = read_stored(frame)
    syntax = frame.instance.header.transfer_syntax
    if frame.format.samples > 1:
        ours = rgb_samples(ours, frame.format, syntax)
    if theirs.ndim > ours.ndim:  # pydicom adds frames that the header does not count
        theirs = theirs[frame.index]
    assert ours.shape == theirs.shape, f"shape {ours.shape} for {theirs.shape}"
    if ours.dtype.kind == "f":
        assert np.array_equal(ours, theirs, equal_nan=True), "float values differ"
        return
    worst = np.abs(ours.astype(np.float64) - theirs.astype(np.float64)).max()
    assert worst <= (8 if syntax in LOSSY else 0), f"stored values differ by {worst}"


def _group(dataset: pydicom.Dataset, index: int, name: str) -> pydicom.Dataset:
    """The item that describes one frame: of its own, shared by all, or the object itself."""
    for item in (
        *dataset.get("PerFrameFunctionalGroupsSequence", [])[index : index + 1],
        *dataset.get("SharedFunctionalGroupsSequence", [])[:1],
    ):
        if item.get(name):
            return item[name][0]
    return dataset


def _check_place(frame: Frame, volume: Volume, k: int) -> None:
    dataset = _reference(frame)
    if dataset is None:
        return
    try:
        place = _group(dataset, frame.index, "PlanePositionSequence")
        turn = _group(dataset, frame.index, "PlaneOrientationSequence")
        position = np.asarray([float(v) for v in place.ImagePositionPatient])
        cosines = np.asarray([float(v) for v in turn.ImageOrientationPatient])
        spacing = [
            float(v) for v in _group(dataset, frame.index, "PixelMeasuresSequence").PixelSpacing
        ]
    # Nothing that pydicom could read, or frames that the vectors of their modality place.
    except (TypeError, ValueError, NotImplementedError, AttributeError, KeyError, IndexError):
        return
    # Along the normal a hundredth of the slice distance is regular; within the plane a
    # twentieth of a pixel.
    limit = 0.02 + 0.02 * volume.spacing_mm[0] + 0.06 * min(spacing)
    limit *= 1 + np.abs(position).max() * 1e-4
    assert np.abs(volume.grid.to_lps((k, 0, 0)) - position).max() < limit, "place"
    directions = volume.grid.directions
    assert np.abs(directions[:, 2] - cosines[:3]).max() < 5e-3, "row direction"
    assert np.abs(directions[:, 1] - cosines[3:]).max() < 5e-3, "column direction"
    assert np.allclose(volume.spacing_mm[1:], spacing, rtol=1e-3, atol=1e-4), "spacing"


def _check_rescale(frame: Frame, values: NDArray[np.generic], factor: float) -> None:
    dataset = _reference(frame)
    if dataset is None:
        return
    try:
        rescale = _group(dataset, frame.index, "PixelValueTransformationSequence")
        slope = float(rescale.get("RescaleSlope", 1) or 1)
        intercept = float(rescale.get("RescaleIntercept", 0) or 0)
    # Several values, of which medview takes the first; or nothing that pydicom could read.
    except (TypeError, ValueError, NotImplementedError, KeyError):
        return
    expected = (read_stored(frame).astype(np.float64) * slope + intercept) * factor
    assert np.allclose(values, expected, rtol=1e-5, atol=1e-3), "values after rescale"
