"""Siemens mosaics: one picture that holds the slices of a whole volume as tiles."""

from __future__ import annotations

import math
import struct

import numpy as np
from numpy.typing import NDArray

from medview.io.dicom import elements, tags
from medview.io.dicom.fallback import damage_named, read_dataset
from medview.io.dicom.frame import Frame, classic_frame
from medview.io.dicom.geometry import axes_of
from medview.io.dicom.instance import Instance, PixelFormat

_CSA_IMAGE_HEADER = 0x00291010
_MAX_CSA_TAGS = 1000


def is_mosaic(instance: Instance) -> bool:
    """Whether the object says that it is a mosaic and how many tiles it holds."""
    return "MOSAIC" in instance.image_type and bool(
        elements.unsigned(instance.header, tags.SIEMENS_MOSAIC_TILES)
    )


def mosaic_frames(instance: Instance, pixel_format: PixelFormat) -> list[Frame] | None:
    """One `Frame` per tile, each with its own position.

    Image Position belongs to the mosaic as if it were one large slice around the
    tile's centre, so a tile's corner lies half the difference of both sizes
    further in. Tiles follow the slice normal of the vendor's header, which may run
    against row x column.

    Returns
    -------
    list of Frame, or None if the header does not tell where the tiles lie.
    """
    header = instance.header
    count = elements.unsigned(header, tags.SIEMENS_MOSAIC_TILES) or 0
    step = elements.number(header, tags.SPACING_BETWEEN_SLICES)
    whole = classic_frame(instance, pixel_format)
    if not 0 < count <= 4096 or not step or not whole.has_geometry:
        return None
    across = math.ceil(math.sqrt(count))
    rows, columns = pixel_format.rows // across, pixel_format.columns // across
    if not rows or not columns:
        return None
    position, _, spacing = whole.placed
    row, column, normal = axes_of(whole)
    vendor = _slice_normal(instance)
    if vendor is not None and float(vendor @ normal) < 0:
        normal = -normal
    corner = (
        np.asarray(position)
        + row * spacing[1] * (pixel_format.columns - columns) / 2
        + column * spacing[0] * (pixel_format.rows - rows) / 2
    )
    tile_format = PixelFormat(
        rows=rows,
        columns=columns,
        samples=pixel_format.samples,
        photometric=pixel_format.photometric,
        planar=pixel_format.planar,
        bits_allocated=pixel_format.bits_allocated,
        bits_stored=pixel_format.bits_stored,
        signed=pixel_format.signed,
    )
    frames = []
    for number in range(count):
        x, y, z = corner + normal * step * number
        down, right = divmod(number, across)
        frames.append(
            classic_frame(
                instance,
                tile_format,
                position=(float(x), float(y), float(z)),
                tile=(down * rows, right * columns),
            )
        )
    return frames


def _slice_normal(instance: Instance) -> NDArray[np.float64] | None:
    """Slice normal vector of the vendor's private header, or None."""
    source = instance.header.source
    with source.open() as stream, damage_named(source, "its private header"):
        raw = read_dataset(source, stream).get_item(_CSA_IMAGE_HEADER)
    value = getattr(raw, "value", None)
    if not isinstance(value, bytes):
        return None
    try:
        words = _csa_value(value, b"SliceNormalVector")
        found = np.asarray([float(w) for w in words[:3]])
    except (struct.error, ValueError):
        return None
    return found if found.shape == (3,) and np.isfinite(found).all() else None


def _csa_value(data: bytes, name: bytes) -> list[bytes]:
    """The values of one entry of a CSA header, version 2 (``SV10``)."""
    if data[:4] != b"SV10":
        return []
    (count,) = struct.unpack_from("<I", data, 8)
    position = 16
    for _ in range(min(count, _MAX_CSA_TAGS)):
        title, _, _, _, items, _ = struct.unpack_from("<64si4siii", data, position)
        position += 84
        values = []
        for _ in range(max(0, min(items, _MAX_CSA_TAGS))):
            (length,) = struct.unpack_from("<i", data, position)
            position += 16
            if length < 0 or position + length > len(data):
                raise ValueError("entry longer than the header")
            values.append(data[position : position + length].strip(b"\0 "))
            position += (length + 3) // 4 * 4
        if title.partition(b"\0")[0] == name:
            return [v for v in values if v]
    return []
