"""Read the stored values of single planes from their files."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import InputError
from medview.io.dicom.decode import decode_compressed, decode_native
from medview.io.dicom.element_walk import PixelLocation
from medview.io.dicom.fragments import joined
from medview.io.dicom.frame import Frame
from medview.io.dicom.instance import Instance, PixelFormat
from medview.io.dicom.opened import Opened

MAX_FRAME_BYTES = 2 << 30


def read_stored(frame: Frame, opened: Opened | None = None) -> NDArray[np.generic]:
    """Stored values of one plane.

    Parameters
    ----------
    frame : Frame
    opened : Opened, optional
        Shared by the planes that are read together.

    Returns
    -------
    (rows, columns) or (rows, columns, samples) ndarray
        Native-endian, possibly read-only; colour as decoded, see `medview.io.dicom.colour`.

    Raises
    ------
    InputError
        Naming the file and the fault.
    """
    instance = frame.instance
    name = instance.header.source.name
    try:
        data = frame_bytes(instance, frame.index, opened)
        form, location = described_pixels(instance)
        if location.is_encapsulated:
            array = decode_compressed(data, form, instance.header.transfer_syntax)
        else:
            array = decode_native(data, form, instance.header.big_endian)
    except InputError as error:
        raise InputError(f"{name}: {error.message}", code=error.code) from error
    except OSError as error:
        raise InputError(f"{name} cannot be read any more.", code="unreadable") from error
    if frame.tile is not None:
        top, left = frame.tile
        array = array[top : top + frame.format.rows, left : left + frame.format.columns]
    return array


def described_pixels(instance: Instance) -> tuple[PixelFormat, PixelLocation]:
    """Format and place of an object's pixels.

    Raises
    ------
    InputError
        If it has none, or claims an implausible size.
    """
    form, location = instance.format, instance.header.pixels
    if form is None or location is None:
        raise InputError("It holds no pixels.", code="no-pixels")
    if form.frame_bytes > MAX_FRAME_BYTES:
        raise InputError("It claims to hold an implausibly large image.", code="too-large")
    return form, location


def frame_bytes(instance: Instance, index: int, opened: Opened | None = None) -> bytes:
    """The bytes of one frame as stored.

    Raises
    ------
    InputError
        If the file ends before the frame does.
    """
    opened = opened or Opened()
    form, location = described_pixels(instance)
    with opened.stream(instance) as stream:
        if location.is_encapsulated:
            frames = opened.ranges(instance, stream, location.offset)
            if index >= len(frames):
                raise InputError(
                    f"Frame {index + 1} of {instance.frame_count} is missing.",
                    code="truncated-pixels",
                )
            return joined(stream, frames[index])
        if form.bits_allocated == 1:
            return _bit_frame(stream, form, location.offset, index)
        count = form.frame_bytes
        start = location.offset + index * count
        end = min(instance.header.size, location.offset + location.length)
        if start + count > end:
            raise InputError(
                f"Its pixels end too early ({max(0, end - start)} of {count} bytes).",
                code="truncated-pixels",
            )
        if is_turned_in_pairs(instance):
            return _turned_back(stream, location.offset, index * count, count)
        stream.seek(start)
        return stream.read(count)


def is_turned_in_pairs(instance: Instance) -> bool:
    """Whether bytes are written as big endian words of two (PS3.5 8.1.1 and 7.3)."""
    form, location = described_pixels(instance)
    return instance.header.big_endian and location.in_words and form.bits_allocated == 8


def _turned_back(stream: BinaryIO, offset: int, start: int, count: int) -> bytes:
    """Bytes of words, in the order of the pixels; a frame may begin within a word."""
    before = start % 2
    stream.seek(offset + start - before)
    words = stream.read((before + count + 1) // 2 * 2)
    words += bytes(len(words) % 2)
    return np.frombuffer(words, "<u2").byteswap().tobytes()[before : before + count]


def _bit_frame(stream: BinaryIO, form: PixelFormat, offset: int, index: int) -> bytes:
    """One-bit frames follow one another without padding, so a frame may start inside a byte."""
    pixels = form.rows * form.columns * form.samples
    first, rest = divmod(index * pixels, 8)
    stream.seek(offset + first)
    raw = stream.read((rest + pixels + 7) // 8)
    bits = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")[rest : rest + pixels]
    if len(bits) < pixels:
        raise InputError("Its pixels end too early.", code="truncated-pixels")
    return np.packbits(bits, bitorder="little").tobytes()
