"""Stored pixel values out of one frame's bytes, for every transfer syntax.

All decoders used release the interpreter lock while they work, so frames decode
in parallel threads, and none aborts the process on damaged data.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import InputError
from medview.io.dicom.codestream import StreamInfo, jpeg2000_info, jpeg_info
from medview.io.dicom.instance import PixelFormat

_END_OF_IMAGE = b"\xff\xd9"

RLE = "1.2.840.10008.1.2.5"
DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"
JPEG = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70))
JPEG_LS = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (80, 81))
JPEG_2000 = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (90, 91, 201, 202, 203))
_MAX_RUN_RATIO = 64
"""Two bytes of PackBits stand for 128 at most."""
LOSSY = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 81, 91, 203))
"""Syntaxes that may lose information; 81, 91 and 203 also allow lossless streams."""

_NATIVE = frozenset(("1.2.840.10008.1.2", *(f"1.2.840.10008.1.2.{n}" for n in ("1", "2", "1.99"))))


def is_native(syntax: str) -> bool:
    """Whether pixels of a transfer syntax are stored as they are."""
    return syntax in _NATIVE


def stored_dtype(pixel_format: PixelFormat, big_endian: bool = False) -> np.dtype[np.generic]:
    """The numpy type of one stored sample.

    Raises
    ------
    InputError
        If Bits Allocated is none that DICOM knows.
    """
    bits = pixel_format.bits_allocated
    order = ">" if big_endian else "<"
    if pixel_format.is_float:
        return np.dtype(f"{order}f{bits // 8}")
    if bits == 1:
        return np.dtype(np.uint8)
    if bits not in (8, 16, 32, 64):
        raise InputError(
            f"Its pixels are declared with {bits} bits, which no viewer knows how to read.",
            code="unsupported-pixels",
        )
    return np.dtype(f"{order}{'i' if pixel_format.signed else 'u'}{bits // 8}")


def trim_unused_bits(array: NDArray[np.generic], pixel_format: PixelFormat) -> None:
    """Clear, or fill with the sign, the bits above Bits Stored (PS3.5 8.1.1), in place.

    Those bits may hold anything, retired overlays for example.
    """
    stored, allocated = pixel_format.bits_stored, array.dtype.itemsize * 8
    if array.dtype.kind == "f" or not 0 < stored < allocated:
        return
    if array.dtype.kind == "u":
        np.bitwise_and(array, array.dtype.type((1 << stored) - 1), out=array)
        return
    shift = array.dtype.type(allocated - stored)
    np.left_shift(array, shift, out=array)
    np.right_shift(array, shift, out=array)


def decode_native(
    data: bytes | memoryview, pixel_format: PixelFormat, big_endian: bool
) -> NDArray[np.generic]:
    """One uncompressed frame.

    Parameters
    ----------
    data : bytes
        Exactly the frame's bytes; for 1-bit data from the frame's first bit on.

    Returns
    -------
    (rows, columns) or (rows, columns, samples) ndarray
        Stored values, native-endian; colour in the file's own colour space.
    """
    rows, columns, samples = pixel_format.rows, pixel_format.columns, pixel_format.samples
    if pixel_format.bits_allocated == 1:
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        return bits[: rows * columns].reshape(rows, columns)
    dtype = stored_dtype(pixel_format, big_endian)
    flat = np.frombuffer(data, dtype).astype(dtype.newbyteorder("="))
    trim_unused_bits(flat, pixel_format)
    if pixel_format.photometric == "YBR_FULL_422" and samples == 3:
        return _full_from_422(flat, rows, columns)
    if samples == 1:
        return flat.reshape(rows, columns)
    if pixel_format.planar:
        return np.moveaxis(flat.reshape(samples, rows, columns), 0, -1)
    return flat.reshape(rows, columns, samples)


def _full_from_422(flat: NDArray[np.generic], rows: int, columns: int) -> NDArray[np.generic]:
    """Two luminances share one pair of colour differences (PS3.3 C.7.6.3.1.2)."""
    if flat.size != 2 * rows * columns or columns % 2:
        raise InputError(
            f"Its colours are said to be halved along rows of {columns} pixels, and are not.",
            code="damaged-header",
        )
    pairs = flat.reshape(rows, columns // 2, 4)
    full = np.empty((rows, columns, 3), dtype=flat.dtype)
    full[:, 0::2, 0] = pairs[..., 0]
    full[:, 1::2, 0] = pairs[..., 1]
    full[..., 1] = np.repeat(pairs[..., 2], 2, axis=1)
    full[..., 2] = np.repeat(pairs[..., 3], 2, axis=1)
    return full


def decode_compressed(data: bytes, pixel_format: PixelFormat, syntax: str) -> NDArray[np.generic]:
    """One encapsulated frame.

    Parameters
    ----------
    data : bytes
        The frame's fragments, joined.
    syntax : str
        Transfer syntax UID.

    Returns
    -------
    (rows, columns) or (rows, columns, samples) ndarray
        Stored values, native-endian; `is_rgb_after_decoding` tells the colour space.

    Raises
    ------
    InputError
        If the syntax is unknown, the stream is damaged, or its size is not the header's.
    """
    try:
        array = _decode(data, pixel_format, syntax)
    except InputError:
        raise
    # The codecs raise classes of their own, with no common base but Exception.
    except Exception as error:
        raise InputError(
            "Its compressed pixels are damaged and cannot be decoded.", code="damaged-pixels"
        ) from error
    samples = pixel_format.samples
    wanted = (pixel_format.rows, pixel_format.columns) + ((samples,) if samples > 1 else ())
    if array.shape != wanted:
        raise InputError(
            f"Its compressed pixels have the shape {array.shape} where the header says {wanted}.",
            code="damaged-pixels",
        )
    return array


def _decode(data: bytes, pixel_format: PixelFormat, syntax: str) -> NDArray[np.generic]:
    if syntax == RLE:
        return _decode_rle(data, pixel_format)
    if syntax == DEFLATED_FRAMES:
        return _decode_deflated_frame(data, pixel_format)
    import imagecodecs

    if syntax in JPEG:
        stream = _checked(jpeg_info(data), pixel_format)
        array = _decode_jpeg(data, pixel_format, stream)
        return _with_sign(array, pixel_format, stream.precision)
    if syntax in JPEG_LS:
        stream = _checked(jpeg_info(data), pixel_format)
        # Without an end marker CharLS searches memory for one, which takes seconds.
        ended = data if data.rstrip(b"\0").endswith(_END_OF_IMAGE) else data + _END_OF_IMAGE
        return _with_sign(imagecodecs.jpegls_decode(ended), pixel_format, stream.precision)
    if syntax in JPEG_2000:
        stream = _checked(jpeg2000_info(data), pixel_format)
        return _with_sign(imagecodecs.jpeg2k_decode(data), pixel_format, stream.precision)
    raise InputError(
        f"Its pixels are compressed in a way that is not supported ({syntax}).",
        code="unsupported-transfer-syntax",
    )


def _checked(stream: StreamInfo, pixel_format: PixelFormat) -> StreamInfo:
    """Refuse a stream of another size before anything is allocated for it."""
    found = (stream.rows, stream.columns, stream.samples)
    wanted = (pixel_format.rows, pixel_format.columns, pixel_format.samples)
    if max(found) > 1 << 16:
        raise InputError("Its compressed pixels are damaged.", code="damaged-pixels")
    if found != wanted:
        raise InputError(
            f"Its compressed pixels are of {found[0]} x {found[1]} x {found[2]} samples where the "
            f"header says {wanted[0]} x {wanted[1]} x {wanted[2]}.",
            code="damaged-pixels",
        )
    return stream


def _decode_jpeg(data: bytes, pixel_format: PixelFormat, stream: StreamInfo) -> NDArray[np.generic]:
    import imagecodecs

    if stream.samples == 1:
        return imagecodecs.jpeg8_decode(data)
    # Without a word from the stream the header's photometric interpretation decides: some
    # writers store RGB without the marker that says so.
    is_rgb = stream.is_rgb
    if is_rgb is None and pixel_format.photometric == "RGB":
        return imagecodecs.jpeg8_decode(data, colorspace="RGB", outcolorspace="RGB")
    return imagecodecs.jpeg8_decode(data)


def _decode_rle(data: bytes, pixel_format: PixelFormat) -> NDArray[np.generic]:
    """Byte planes packed with PackBits (PS3.5 annex G)."""
    import imagecodecs

    rows, columns, samples = pixel_format.rows, pixel_format.columns, pixel_format.samples
    dtype = stored_dtype(pixel_format)
    planes = samples * dtype.itemsize
    offsets = [int.from_bytes(data[4 * n : 4 * n + 4], "little") for n in range(17)]
    if len(data) < 64 or offsets[0] != planes or planes > 15:
        raise InputError(
            f"Its run-length coded pixels have {offsets[0]} planes where the header needs "
            f"{planes}.",
            code="damaged-pixels",
        )
    if planes * rows * columns > _MAX_RUN_RATIO * len(data):
        raise InputError("Its run-length coded pixels end too early.", code="damaged-pixels")
    out = np.empty((samples, rows * columns, dtype.itemsize), np.uint8)
    for n in range(planes):
        end = offsets[n + 2] if n + 1 < planes else len(data)
        unpacked = imagecodecs.packbits_decode(data[offsets[n + 1] : end])
        if len(unpacked) < rows * columns:
            raise InputError("Its run-length coded pixels end too early.", code="damaged-pixels")
        sample, byte = divmod(n, dtype.itemsize)
        # Planes come most significant byte first.
        out[sample, :, dtype.itemsize - 1 - byte] = np.frombuffer(
            unpacked, np.uint8, rows * columns
        )
    values = out.view(dtype)[..., 0].astype(dtype.newbyteorder("="), copy=False)
    trim_unused_bits(values, pixel_format)
    if samples == 1:
        return values.reshape(rows, columns)
    return np.moveaxis(values.reshape(samples, rows, columns), 0, -1)


def _decode_deflated_frame(data: bytes, pixel_format: PixelFormat) -> NDArray[np.generic]:
    """A frame packed with raw deflate (PS3.5 A.4.12), unfolded to no more than it may hold."""
    import zlib

    unpacked = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, pixel_format.frame_bytes)
    if len(unpacked) < pixel_format.frame_bytes:
        raise InputError("Its deflated pixels end too early.", code="damaged-pixels")
    return decode_native(unpacked, pixel_format, big_endian=False)


def _with_sign(
    array: NDArray[np.generic], pixel_format: PixelFormat, precision: int
) -> NDArray[np.generic]:
    """Read unsigned samples as signed ones where the header says so.

    The decoders of JPEG and JPEG-LS know no sign, and a JPEG 2000 stream may
    contradict the header: signed samples of a stream are kept as they are.
    """
    if array.dtype.kind != "u" or not pixel_format.signed:
        return array
    bits = array.dtype.itemsize * 8
    array = array.view(array.dtype.str.replace("u", "i"))
    if precision < bits:
        shift = array.dtype.type(bits - precision)
        array = np.right_shift(np.left_shift(array, shift), shift)
    return array
