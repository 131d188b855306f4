"""Photographs and scans as PNG, JPEG, TIFF or BMP."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from medview.core.data.series import SlideLevel
from medview.core.errors import InputError
from medview.io.deep_tiff import deep_tiff_size, read_deep_tiff
from medview.io.source import ByteSource

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 1 << 28
_TILE_WIDTH, _DESCRIPTION, _ORIENTATION = 322, 270, 0x0112
_GREY_MODES = frozenset(("1", "L", "LA", "I", "F"))
_MAGIC = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
    b"BM",
)


@dataclass(frozen=True, slots=True)
class RasterImage:
    """What the header of a picture file says.

    Attributes
    ----------
    source : ByteSource
    rows, columns : int
        As seen, after the camera's orientation mark.
    is_rgb : bool
    pages : int
        Pages of equal size.
    levels : tuple of SlideLevel
        Of a whole-slide image; empty for a picture.
    mpp : (float, float) or None
    is_deep : bool
        Colour with sixteen bits a sample in a TIFF.
    is_lossy : bool
        Compressed as JPEG, which throws fine detail away.
    """

    source: ByteSource
    rows: int
    columns: int
    is_rgb: bool
    pages: int = 1
    levels: tuple[SlideLevel, ...] = ()
    mpp: tuple[float, float] | None = None
    is_deep: bool = False
    is_lossy: bool = False


def looks_like_picture(head: bytes) -> bool:
    """Whether the first bytes are those of a picture file."""
    return head.startswith(_MAGIC)


def read_picture_information(source: ByteSource) -> RasterImage:
    """Read the header only.

    Raises
    ------
    InputError
        If the file is damaged or implausibly large.
    """
    deep = deep_tiff_size(source)
    if deep is not None:
        _check_size(source, deep[1], deep[0])
        return RasterImage(source, deep[0], deep[1], True, is_deep=True)
    with _opened(source) as image:
        slide = _slide_levels(image)
        if slide:
            top = slide[0]
            return RasterImage(
                *(source, top.height, top.width, True, 1, slide, _mpp(image)),
                is_lossy=_is_lossy(image),
            )
        _check_size(source, image.width, image.height)
        turned = image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
        rows, columns = image.height, image.width
        return RasterImage(
            source,
            columns if turned else rows,
            rows if turned else columns,
            not _is_grey(image.mode),
            _equal_pages(image),
            is_lossy=_is_lossy(image),
        )


def _check_size(source: ByteSource, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise InputError(
            f"{source.name} claims {width} x {height} pixels, too many to show.", code="too-large"
        )


def read_picture(picture: RasterImage, page: int = 0) -> NDArray[np.generic]:
    """Pixels of one page: (rows, columns) grey, or (rows, columns, 3) RGB of eight bits.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    from PIL import ImageOps

    if picture.is_deep:
        return read_deep_tiff(picture.source, picture.rows, picture.columns)
    with _opened(picture.source) as image:
        image.seek(page)
        upright = ImageOps.exif_transpose(image)
        if upright.mode in ("1", "LA"):
            upright = upright.convert("L")
        elif not _is_grey(upright.mode):
            upright = upright.convert("RGB")
        pixels = np.asarray(upright)
    if pixels.dtype.kind in "iu" and pixels.dtype.itemsize > 1:
        fits = int(pixels.min()) >= -(1 << 15) and int(pixels.max()) < 1 << 15
        return pixels.astype(np.int16 if fits else np.float32)
    return pixels.astype(pixels.dtype.newbyteorder("="))


def _is_lossy(image: Image) -> bool:
    """JPEG by itself, with several pictures in one file, or within a TIFF."""
    return image.format in ("JPEG", "MPO") or image.info.get("compression") in ("jpeg", "tiff_jpeg")


def _is_grey(mode: str) -> bool:
    return mode in _GREY_MODES or mode.startswith("I;16")


@contextmanager
def _opened(source: ByteSource) -> Iterator[Image]:
    from PIL import Image

    with warnings.catch_warnings():
        # Pillow warns of large pictures; the limit here is our own.
        warnings.simplefilter("ignore")
        try:
            with source.open() as stream, Image.open(stream) as image:
                yield image
        except InputError:
            raise
        except Image.DecompressionBombError as error:
            raise InputError(
                f"{source.name} claims an implausible number of pixels.", code="too-large"
            ) from error
        # Damaged headers make Pillow raise errors of a dozen unrelated classes.
        except Exception as error:
            raise InputError(
                f"{source.name} is a picture file and is damaged.", code="damaged-pixels"
            ) from error


def _equal_pages(image: Image) -> int:
    count = int(getattr(image, "n_frames", 1))
    if count == 1:
        return 1
    size = image.size
    for page in range(min(count, 10_000)):
        image.seek(page)
        if image.size != size:
            count = 1
            break
    image.seek(0)
    return count


def _slide_levels(image: Image) -> tuple[SlideLevel, ...]:
    """Levels of an Aperio slide: its tiled pages, largest first."""
    entries: Any = getattr(image, "tag_v2", None)
    if entries is None or not str(entries.get(_DESCRIPTION, "")).startswith("Aperio"):
        return ()
    sizes = []
    for page in range(int(getattr(image, "n_frames", 1))):
        image.seek(page)
        if _TILE_WIDTH in image.tag_v2:  # type: ignore[attr-defined]
            sizes.append(image.size)
    image.seek(0)
    widest = max((w for w, _ in sizes), default=0)
    return tuple(
        SlideLevel(width, height, widest / width) for width, height in sorted(sizes, reverse=True)
    )


def _mpp(image: Image) -> tuple[float, float] | None:
    found = re.search(r"MPP\s*=\s*([0-9.]+)", str(image.tag_v2.get(_DESCRIPTION, "")))  # type: ignore[attr-defined]
    try:
        return (float(found[1]), float(found[1])) if found else None
    except ValueError:
        return None
