"""Frames of a reconstructed nuclear medicine scan (PS3.3 C.8.4.8, C.8.4.15)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from medview.io.dicom import elements, tags
from medview.io.dicom.fallback import damage_named, read_dataset
from medview.io.dicom.frame import Frame, classic_frame, cosines, vector
from medview.io.dicom.instance import Instance, PixelFormat

_SLICE_VECTOR = 0x00540080


def tomographic_frames(instance: Instance, pixel_format: PixelFormat) -> list[Frame] | None:
    """One placed `Frame` per slice, or None if the header does not place every frame.

    The detector's sequence places the first slice; the others follow along the normal,
    by Spacing Between Slices, which nuclear medicine allows to be negative.

    Raises
    ------
    InputError
        If the header is damaged.
    """
    header = instance.header
    step = elements.number(header, tags.SPACING_BETWEEN_SLICES)
    is_tomographic = instance.modality == "NM" and "RECON TOMO" in instance.image_type
    if not is_tomographic or not step or tags.DETECTOR_SEQUENCE not in header.present:
        return None
    with header.source.open() as stream:
        dataset = read_dataset(header.source, stream)
    with damage_named(header.source, "the description of its detector"):
        detectors = dataset.get("DetectorInformationSequence") or []
        pointer = dataset.get("FrameIncrementPointer")
        order = [int(n) for n in dataset.get("SliceVector") or []]
        if len(detectors) != 1 or pointer != _SLICE_VECTOR:
            return None
        found = detectors[0].get("ImagePositionPatient") or ()
        position = vector(tuple(float(v) for v in found))
        found = detectors[0].get("ImageOrientationPatient") or ()
        orientation = cosines(tuple(float(v) for v in found))
    if position is None or orientation is None:
        return None
    if sorted(order) != list(range(1, instance.frame_count + 1)):
        return None
    normal = np.cross(orientation[:3], orientation[3:])
    plain = replace(classic_frame(instance, pixel_format), orientation=orientation)
    places = np.asarray(position) + np.outer([step * (n - 1) for n in order], normal)
    return [
        replace(plain, index=n, position=(float(x), float(y), float(z)))
        for n, (x, y, z) in enumerate(places)
    ]
