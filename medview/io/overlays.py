"""Overlay planes of a series that a scan found."""

from __future__ import annotations

from dataclasses import replace

from medview.core.data.overlay import OverlayPlane
from medview.io.dicom.overlay import read_overlays
from medview.io.dicom.part import Part
from medview.io.load import content_of
from medview.io.scan import SeriesEntry


def overlays(entry: SeriesEntry, *, time: int = 0) -> tuple[tuple[OverlayPlane, ...], ...]:
    """Overlay planes of one time point, slice by slice in reading order.

    Returns
    -------
    tuple of tuple of OverlayPlane
        One tuple per slice as stored, before any resampling; empty for what is not DICOM.

    Raises
    ------
    InputError
        If an overlay is damaged; the sentence names the file.
    """
    content = content_of(entry)
    if not isinstance(content, Part) or not content.frames:
        return ()
    if content.kind == "image" and len(content.times) == 1:
        frame = content.frames[0]
        return (read_overlays(replace(frame, index=frame.index + time)),)
    return tuple(read_overlays(frame) for frame in content.times[time].frames)
