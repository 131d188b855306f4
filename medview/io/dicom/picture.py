"""One plane as a picture: grey values with a meaning, or RGB."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import InputError
from medview.io.dicom import tags
from medview.io.dicom.colour import to_rgb
from medview.io.dicom.fallback import damage_named, read_dataset
from medview.io.dicom.frame import Frame
from medview.io.dicom.lut import palette, sequence_lut
from medview.io.dicom.opened import Opened
from medview.io.dicom.pixels import read_stored
from medview.io.dicom.roles import role_of
from medview.io.dicom.values import RangeError, hoped_dtype, rescale_into


def picture_values(
    frame: Frame, factor: float = 1.0, opened: Opened | None = None
) -> NDArray[np.generic]:
    """What an image or a stack shows of one plane.

    Returns
    -------
    (rows, columns) ndarray, or (rows, columns, 3) ndarray of uint8
        Grey values after modality LUT or rescale. Pictures (not planes of a scan)
        also go through their VOI LUT table where they bring one and no window, and
        MONOCHROME1 is turned round, so that larger values are always brighter.

    Raises
    ------
    InputError
        Naming the file and the fault.
    """
    stored = read_stored(frame, opened)
    name = frame.instance.header.source.name
    try:
        with damage_named(frame.instance.header.source, "a table in its header"):
            return _shown(frame, stored, factor)
    except InputError as error:
        if name in error.message:
            raise
        raise InputError(f"{name}: {error.message}", code=error.code) from error


def _shown(frame: Frame, stored: NDArray[np.generic], factor: float) -> NDArray[np.generic]:
    if frame.format.samples > 1:
        return to_rgb(stored, frame.format, frame.instance.header.transfer_syntax)
    if frame.format.photometric == "PALETTE COLOR":
        table = palette(_dataset(frame), signed=frame.format.signed)
        return (table(stored) >> max(0, table.bits - 8)).astype(np.uint8)
    return _grey(frame, stored, factor)


def rescaled(frame: Frame, stored: NDArray[np.generic], factor: float) -> NDArray[np.generic]:
    """Values after rescale in a new array; see `hoped_dtype` for its type."""
    out = np.empty(stored.shape, hoped_dtype([frame], factor))
    try:
        rescale_into(out, stored, frame.slope, frame.intercept, factor)
    except RangeError:
        out = np.empty(stored.shape, np.float32)
        rescale_into(out, stored, frame.slope, frame.intercept, factor)
    return out


def _grey(frame: Frame, stored: NDArray[np.generic], factor: float) -> NDArray[np.generic]:
    present = frame.instance.header.present
    is_picture = role_of(frame.instance) in ("picture", "secondary")
    has_modality = has_table(frame)
    has_voi = tags.VOI_LUT_SEQUENCE in present and is_picture and not _has_window(frame)
    dataset = _dataset(frame) if has_modality or has_voi else None
    values: NDArray[np.generic]
    modality = (
        sequence_lut(dataset, "ModalityLUTSequence", signed=frame.format.signed)
        if has_modality
        else None
    )
    values = modality(stored) if modality is not None else rescaled(frame, stored, factor)
    voi = sequence_lut(dataset, "VOILUTSequence", signed=frame.format.signed) if has_voi else None
    if voi is not None:
        values = voi(values)
    if values.dtype == np.uint16:
        values = _signed(values)
    if is_turned_round(frame):
        values = _turned_round(frame, values)
    return values


def _signed(values: NDArray[np.generic]) -> NDArray[np.generic]:
    fits = int(values.max()) < 1 << 15
    return values.astype(np.int16 if fits else np.float32)


def _turned_round(frame: Frame, values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Swap dark and bright around the middle of the declared range."""
    low, high = grey_range(frame)
    total = low + high
    if values.dtype.kind == "f" or not -(1 << 15) <= total < 1 << 15:
        return np.asarray(np.float32(total) - values.astype(np.float32))
    turned = total - values.astype(np.int32)
    if int(turned.min()) < -(1 << 15) or int(turned.max()) >= 1 << 15:
        return turned.astype(np.float32)
    return turned.astype(np.uint8 if values.dtype == np.uint8 else np.int16)


def has_table(frame: Frame) -> bool:
    """Whether a table of the header, not slope and intercept, gives the values."""
    return tags.MODALITY_LUT_SEQUENCE in frame.instance.header.present


def is_turned_round(frame: Frame) -> bool:
    """Whether large stored values mean dark, and values are swapped for showing.

    Planes of a scan are left alone: their values mean something besides brightness.
    """
    is_picture = role_of(frame.instance) in ("picture", "secondary")
    return is_picture and frame.format.photometric == "MONOCHROME1"


def grey_range(frame: Frame) -> tuple[int, int]:
    """Smallest and largest value that the declared bits can hold, after rescale."""
    form = frame.format
    bits = min(form.bits_stored, 32)
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if form.signed else (0, (1 << bits) - 1)
    return (
        round(low * frame.slope + frame.intercept),
        round(high * frame.slope + frame.intercept),
    )


def _has_window(frame: Frame) -> bool:
    return bool(frame.instance.header.values.get(tags.WINDOW_CENTER, b"").strip(b"\0 "))


def _dataset(frame: Frame) -> Any:
    source = frame.instance.header.source
    with source.open() as stream:
        return read_dataset(source, stream)
