"""Overlay planes (groups 60xx): packed bits, or bits that the pixels leave unused."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.data.overlay import OverlayPlane
from medview.core.errors import InputError
from medview.io.dicom import tags
from medview.io.dicom.fallback import damage_named, read_dataset
from medview.io.dicom.frame import Frame
from medview.io.dicom.instance import Instance
from medview.io.dicom.pixels import described_pixels, frame_bytes


def has_overlay(instance: Instance) -> bool:
    """Whether an object brings overlay planes along."""
    return not tags.OVERLAY_ROWS.isdisjoint(instance.header.values)


def read_overlays(frame: Frame) -> tuple[OverlayPlane, ...]:
    """The overlay planes of one plane of pixels, in order of their groups.

    Returns
    -------
    tuple of OverlayPlane
        Each as large as the plane; what lies outside it is cut off. Empty for the
        tiles of a mosaic.

    Raises
    ------
    InputError
        Naming the file, if an overlay is damaged.
    """
    instance = frame.instance
    if not has_overlay(instance) or frame.tile is not None:
        return ()
    source = instance.header.source
    try:
        with source.open() as stream:
            dataset = read_dataset(source, stream)
        with damage_named(source, "an overlay"):
            found = [_overlay(frame, dataset, tag >> 16) for tag in sorted(tags.OVERLAY_ROWS)]
    except OSError as error:
        raise InputError(f"{source.name} cannot be read any more.", code="unreadable") from error
    return tuple(plane for plane in found if plane is not None)


def _overlay(frame: Frame, dataset: Any, group: int) -> OverlayPlane | None:
    def value(element: int) -> Any:
        found = dataset.get((group, element))
        return None if found is None else found.value

    if value(0x0010) is None:
        return None
    label = str(value(0x0022) or value(0x1500) or "").strip()
    data = value(0x3000)
    if not data:
        embedded = _embedded(frame, int(value(0x0102) or 0))
        return None if embedded is None else OverlayPlane(embedded, label)
    number = frame.index - (int(value(0x0051) or 1) - 1)
    if not 0 <= number < int(value(0x0015) or 1):
        return None
    rows, columns = int(value(0x0010)), int(value(0x0011))
    start = number * rows * columns
    if start + rows * columns > 8 * len(data):
        name = frame.instance.header.source.name
        raise InputError(f"{name}: an overlay ends too early.", code="damaged-header")
    held = np.frombuffer(data, np.uint8)[start // 8 : (start + rows * columns + 7) // 8]
    if frame.instance.header.big_endian and dataset[group, 0x3000].VR == "OW":
        held = np.frombuffer(data, ">u2").astype("<u2").view(np.uint8)
        held = held[start // 8 : (start + rows * columns + 7) // 8]
    bits = np.unpackbits(held, bitorder="little")[start % 8 :][: rows * columns]
    origin = value(0x0050) or (1, 1)
    return OverlayPlane(
        _placed(bits.reshape(rows, columns).astype(bool), frame, int(origin[0]), int(origin[1])),
        label,
    )


def _embedded(frame: Frame, bit: int) -> NDArray[np.bool_] | None:
    """A bit of each stored word above Bits Stored; only uncompressed pixels keep them."""
    form, location = described_pixels(frame.instance)
    is_unused = form.bits_stored <= bit < form.bits_allocated
    if not is_unused or location.is_encapsulated or form.samples != 1 or form.is_float:
        return None
    order = ">" if frame.instance.header.big_endian else "<"
    words = np.frombuffer(
        frame_bytes(frame.instance, frame.index), f"{order}u{form.bits_allocated // 8}"
    )
    return (words >> bit & 1).astype(bool).reshape(form.rows, form.columns)


def _placed(mask: NDArray[np.bool_], frame: Frame, row: int, column: int) -> NDArray[np.bool_]:
    """Lay an overlay on its plane; `row` and `column` of its first pixel count from 1."""
    out = np.zeros((frame.format.rows, frame.format.columns), bool)
    top, left = row - 1, column - 1
    inside = mask[max(0, -top) :, max(0, -left) :]
    target = out[max(0, top) :, max(0, left) :]
    height, width = min(inside.shape[0], target.shape[0]), min(inside.shape[1], target.shape[1])
    target[:height, :width] = inside[:height, :width]
    return out
