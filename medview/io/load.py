"""Read the pixels of a series that a scan found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medview.core.data.fingerprint import fingerprint
from medview.core.data.image2d import Image2D
from medview.core.data.intensity import Intensity
from medview.core.data.series import Series
from medview.core.data.slide import Slide
from medview.core.data.source import SourceInfo, describe_series
from medview.core.data.stack import Stack
from medview.core.data.volume import Volume
from medview.core.errors import GeometryError, InputError, UsageError
from medview.core.progress import ProgressFn, ignore_progress
from medview.io.collect import Content
from medview.io.file_image import FileImage
from medview.io.itk import read_array
from medview.io.raster import RasterImage, read_picture
from medview.io.remembered import Remembered
from medview.io.scan import SeriesEntry, scan

OnSlice = Callable[[NDArray[np.generic], int], None]


def load(
    entry: SeriesEntry,
    *,
    time: int = 0,
    intensity: Intensity | None = None,
    progress: ProgressFn = ignore_progress,
    on_slice: OnSlice | None = None,
) -> Volume | Image2D | Stack | Slide:
    """Read one time point of a series.

    Parameters
    ----------
    entry : SeriesEntry
        From `Scan.entry`.
    time : int
        Time point, from 0.
    intensity : Intensity, optional
        What the user says the values mean, where the file does not.
    progress : callable
        May raise `Cancelled`.
    on_slice : callable, optional
        Called with each finished (j, i) slice of a volume and its k, the middle one
        first, before the volume is complete. Slices may be shown and not changed.

    Returns
    -------
    Volume, Image2D, Stack or Slide
        CT volumes are int16 Hounsfield units where slope and intercept are integral
        and every value fits, else float32; so are other volumes.

    Raises
    ------
    UsageError
        If the time point does not exist or the series is a document.
    InputError
        If a file is damaged; the sentence names it.
    """
    try:
        return _load(entry, time, intensity, progress, on_slice)
    except MemoryError as error:
        raise InputError(
            "There is not enough memory to open this series.", code="too-large"
        ) from error


def _load(
    entry: SeriesEntry,
    time: int,
    intensity: Intensity | None,
    progress: ProgressFn,
    on_slice: OnSlice | None,
) -> Volume | Image2D | Stack | Slide:
    series = entry.series
    if series.kind == "document":
        raise UsageError("A document has no pixels to show.", code="document")
    if not 0 <= time < series.times:
        raise UsageError(
            f"There is no time point {time}; the series has {series.times}.", code="unknown-time"
        )
    info = describe_series(series, entry.study.uid, time)
    if intensity is not None:
        info = replace(info, intensity=intensity)
    content = content_of(entry)
    if isinstance(content, FileImage):
        return _from_file(content, series, time, info)
    if series.kind == "slide":
        raise InputError("Slides cannot be opened yet.", code="unsupported")
    if isinstance(content, RasterImage):
        return _image(read_picture(content, time), None, info)
    from medview.io.dicom.load import read_image, read_slices, read_time_point

    if series.kind == "volume":
        return _volume(read_time_point(content, time, progress, on_slice), info)
    if series.kind == "image":
        return _image(read_image(content, time), series.spacing_mm, info)
    slices = read_slices(content, progress)
    return _stack(slices.pixels, slices.spacing_mm, slices.labels, info)


def content_of(entry: SeriesEntry) -> Content:
    """What reading needs, looked up anew where only the index remembers the series.

    Raises
    ------
    InputError
        If the files have changed since.
    """
    if isinstance(entry.content, Remembered):
        return _looked_at_again(entry.content, entry.series.uid)
    return entry.content


def _looked_at_again(remembered: Remembered, uid: str) -> Content:
    try:
        content = scan(remembered.files).entry(uid).content
    except UsageError as error:
        raise InputError(
            "The files of this series have changed since they were looked at; open them again.",
            code="changed",
        ) from error
    if isinstance(content, Remembered):
        raise InputError("The series could not be looked at again.", code="changed")
    return content


def _from_file(image: FileImage, series: Series, time: int, info: SourceInfo) -> Volume | Stack:
    values = read_array(image, time)
    if series.kind == "volume":
        return _volume(values, info)
    count = len(values)
    spacing = image.grid.spacing_mm[1:]
    pixels = tuple(values[k, ..., :3].astype(np.uint8) for k in range(count))
    labels = tuple(f"{k + 1} / {count}" for k in range(count))
    return _stack(pixels, (spacing,) * count, labels, info)


def _image(
    pixels: NDArray[np.generic], spacing: tuple[float, ...] | None, info: SourceInfo
) -> Image2D:
    return Image2D(
        pixels,
        (spacing[0], spacing[1]) if spacing else None,
        replace(info, fingerprint=fingerprint(pixels)),
    )


def _stack(
    pixels: tuple[NDArray[np.generic], ...],
    spacing: tuple[tuple[float, float] | None, ...],
    labels: tuple[str, ...],
    info: SourceInfo,
) -> Stack:
    return Stack(pixels, spacing, labels, replace(info, fingerprint=_of_all(pixels)))


def _of_all(slices: tuple[NDArray[np.generic], ...]) -> str:
    return hashlib.sha256("".join(fingerprint(s) for s in slices).encode("ascii")).hexdigest()


def _volume(values: NDArray[np.generic], info: SourceInfo) -> Volume:
    if info.grid is None:
        raise GeometryError("The series has no grid, so it is no volume.")
    return Volume(values, info.grid, replace(info, fingerprint=fingerprint(values, info.grid)))
