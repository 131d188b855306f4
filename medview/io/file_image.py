"""`FileImage`: what the header of a volume file says, and how its values are kept small."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import InputError
from medview.core.geometry.grid import Grid
from medview.core.notice import Notice
from medview.io.source import ByteSource

MAX_VALUES = 1 << 36
MAX_DEFLATE = 1040
"""No byte of a gzip stream unfolds to more (zlib's own limit is 1032)."""
NO_ORIENTATION = Notice(
    "no-orientation",
    "The file does not say how it lies in the patient; left and right, front and back may be "
    "exchanged.",
)


@dataclass(frozen=True, slots=True, eq=False)
class FileImage:
    """A volume file that was looked at and not read.

    Attributes
    ----------
    source : ByteSource
    grid : Grid
        Of one time point. The frame of reference is unknown.
    times, samples : int
        Time points; values per voxel.
    reader : {"itk", "nifti"}
    companions : tuple of Path
        Other files that hold part of it.
    warnings : tuple of Notice
        What the header leaves open.
    """

    source: ByteSource
    grid: Grid
    times: int = 1
    samples: int = 1
    reader: Literal["itk", "nifti"] = "itk"
    companions: tuple[Path, ...] = ()
    warnings: tuple[Notice, ...] = ()


def unreadable(source: ByteSource) -> InputError:
    """The error for a header that no reader understands."""
    return InputError(
        f"{source.name} could not be read as the volume file that its name announces.",
        code="damaged-header",
    )


def cut_short(source: ByteSource) -> InputError:
    """The error for values that are missing or damaged."""
    return InputError(
        f"{source.name} is damaged or cut short: its values could not be read.",
        code="damaged-pixels",
    )


def compact(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """A native-endian copy in the smallest of uint8, int16, int32 and float32 that fits.

    Works slice by slice, so that other threads are not held up.
    """
    out = np.empty(values.shape, compact_dtype(values))
    for k in range(values.shape[0]):
        np.copyto(out[k], values[k], casting="unsafe")
    return out


def compact_dtype(values: NDArray[np.generic]) -> np.dtype[np.generic]:
    """The dtype that `compact` chooses: bytes stay bytes, other integers never lose a bit."""
    if values.dtype == np.uint8:
        return np.dtype(np.uint8)
    if values.dtype.kind not in "iub":
        return np.dtype(np.float32)
    low = min(int(s.min()) for s in values)
    high = max(int(s.max()) for s in values)
    for dtype in (np.int16, np.int32):
        limits = np.iinfo(dtype)
        if limits.min <= low and high <= limits.max:
            return np.dtype(dtype)
    return np.dtype(np.float32)
