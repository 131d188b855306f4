"""Label maps and heatmaps of images and slides as PNG, TIFF and OME-TIFF."""

from __future__ import annotations

import xml.sax.saxutils
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, TiffImagePlugin

from medview.core.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_OME = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
_IMAGE_DESCRIPTION = 270


def write_label_png(path: Path, array: NDArray[np.generic]) -> None:
    """Write (rows, columns) labels as a grey PNG whose values are the labels, 8 or 16 bit."""
    Image.fromarray(array).save(path, format="PNG")


def write_label_ome_tiff(
    path: Path, array: NDArray[np.generic], name: str, mpp: tuple[float, float] | None
) -> None:
    """Write (rows, columns) labels of a slide as OME-TIFF of one plane.

    Parameters
    ----------
    mpp : (float, float) or None
        Microns per pixel (x, y) of the label map itself.
    """
    rows, columns = array.shape
    size = ""
    if mpp is not None:
        size = (
            f' PhysicalSizeX="{mpp[0]!r}" PhysicalSizeXUnit="µm"'
            f' PhysicalSizeY="{mpp[1]!r}" PhysicalSizeYUnit="µm"'
        )
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><OME xmlns="{_OME}"><Image ID="Image:0"'
        f' Name={xml.sax.saxutils.quoteattr(name)}><Pixels ID="Pixels:0" DimensionOrder="XYZCT"'
        f' Type="{array.dtype.name}" SizeX="{columns}" SizeY="{rows}" SizeZ="1" SizeC="1"'
        f' SizeT="1"{size}><Channel ID="Channel:0:0" SamplesPerPixel="1"/>'
        '<TiffData IFD="0" PlaneCount="1"/></Pixels></Image></OME>'
    )
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[_IMAGE_DESCRIPTION] = text.encode()
    tags.tagtype[_IMAGE_DESCRIPTION] = 2
    Image.fromarray(array).save(
        path, format="TIFF", compression="tiff_adobe_deflate", tiffinfo=tags
    )


def write_heatmap_tiff(path: Path, array: NDArray[np.generic]) -> None:
    """Write a (rows, columns) float32 field as TIFF, compressed without loss."""
    Image.fromarray(array).save(path, format="TIFF", compression="tiff_adobe_deflate")


def read_raster(path: Path, dtypes: tuple[str, ...]) -> NDArray[np.generic]:
    """Read (rows, columns) as one of the functions above wrote them.

    Parameters
    ----------
    path : Path
    dtypes : tuple of str
        Types that are accepted, e.g. ``("uint8", "uint16")``.

    Raises
    ------
    InputError
        If the file is damaged or of another kind.
    """
    try:
        with Image.open(path, formats=("PNG", "TIFF")) as image:
            array = np.asarray(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(
            f"'{path.name}' cannot be read: it is damaged.", code="findings-damaged"
        ) from error
    # Pillow reads some 16-bit files as 32-bit integers.
    if array.dtype == np.int32 and array.size and 0 <= array.min() <= array.max() <= 0xFFFF:
        array = array.astype(np.uint16)
    if array.ndim != 2 or array.dtype.name not in dtypes:
        raise InputError(
            f"'{path.name}' holds {array.dtype} of shape {array.shape}, not a map of "
            f"{' or '.join(dtypes)}.",
            code="findings-damaged",
        )
    array.flags.writeable = False
    return array
