"""Findings as NIfTI-1: written byte for byte alike on every run, read back exactly."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medview.core.errors import GeometryError, InputError
from medview.core.geometry.grid import Grid
from medview.core.progress import ProgressFn, ignore_progress
from medview.io.file_image import MAX_DEFLATE

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_HEADER = struct.Struct("<i10s18sihcB8h3fhhhh8f3fhBB4f2i80s24shh6f12f16s4s")
"""nifti1.h of the NIfTI Data Format Working Group (2004), 348 bytes, little-endian."""
_DATA_OFFSET = 352
_Dtype = np.dtype[np.generic]
_CODES: dict[_Dtype, int] = {
    np.dtype("uint8"): 2,
    np.dtype("float32"): 16,
    np.dtype("uint16"): 512,
}
_DTYPES: dict[int, _Dtype] = {code: dtype for dtype, code in _CODES.items()}
_LABELS, _NO_INTENT = 1002, 0
_MILLIMETRES = 2
_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
_SLAB_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class _Layout:
    """What a header says: array shape (k, j, i), type, and (4, 4) map of (i, j, k, 1) to RAS."""

    shape: tuple[int, int, int]
    dtype: _Dtype
    ras: NDArray[np.float64]


def write_nifti(
    path: Path,
    array: NDArray[np.generic],
    grid: Grid,
    *,
    labels: bool = False,
    progress: ProgressFn = ignore_progress,
) -> None:
    """Write an array on a grid as gzipped NIfTI-1 (``.nii.gz``).

    Parameters
    ----------
    path : Path
    array : (k, j, i) ndarray of uint8, uint16 or float32
    grid : Grid
        Goes into the sform; into the qform too where the axes are at right
        angles, which is all that a quaternion can say.
    labels : bool
        Mark the values as labels (NIFTI_INTENT_LABEL).
    progress : callable
        Called with the fraction written; may raise `Cancelled`.

    Raises
    ------
    GeometryError
        If the array does not lie on the grid or is too large for the format.
    """
    if array.dtype not in _CODES:
        raise GeometryError(f"Findings are written as uint8, uint16 or float32, not {array.dtype}.")
    if array.shape != grid.shape or max(array.shape) > 32767:
        raise GeometryError(f"An array of shape {array.shape} cannot be written as NIfTI-1.")
    array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    step = max(1, _SLAB_BYTES // max(1, array[0].nbytes))
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as out:
        out.write(_header(array, grid, labels))
        for k in range(0, len(array), step):
            progress(k / len(array), "Writing")
            out.write(array[k : k + step].data.cast("B"))


def read_nifti(path: Path, frame_of_reference: str | None) -> tuple[NDArray[np.generic], Grid]:
    """Read what `write_nifti` wrote.

    Parameters
    ----------
    path : Path
    frame_of_reference : str or None
        NIfTI has no place for it.

    Returns
    -------
    (k, j, i) ndarray, read-only, and its Grid
        Float32 precision: about 1e-5 mm.

    Raises
    ------
    InputError
        If the file is damaged, of another kind or larger than its header says.
    """
    try:
        with gzip.open(path, "rb") as file:
            layout = _layout(file.read(_DATA_OFFSET), path.name)
            _require_plausible(layout, path)
            array = np.empty(layout.shape, layout.dtype)
            _fill(array.data.cast("B"), file, path.name)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"'{path.name}' cannot be read: it is damaged.", code="findings-damaged"
        ) from error
    array.flags.writeable = False
    columns = _LPS_TO_RAS @ layout.ras
    columns[:, :3] = columns[:, 2::-1].copy()
    return array, Grid(layout.shape, columns, frame_of_reference)


def _header(array: NDArray[np.generic], grid: Grid, labels: bool) -> bytes:
    ras = _LPS_TO_RAS @ grid.index_to_lps
    ras[:, :3] = ras[:, 2::-1].copy()  # columns in file order: i, j, k
    spacing = np.linalg.norm(ras[:3, :3], axis=0)
    quaternion, handedness = _quaternion(ras[:3, :3] / spacing)
    k, j, i = array.shape
    return _HEADER.pack(
        *(348, b"", b"", 0, 0, b"r", 0),
        *(3, i, j, k, 1, 1, 1, 1),
        *(0.0, 0.0, 0.0, _LABELS if labels else _NO_INTENT),
        *(_CODES[array.dtype], 8 * array.dtype.itemsize, 0),
        *(handedness, *spacing, 1.0, 1.0, 1.0, 1.0),
        *(float(_DATA_OFFSET), 1.0, 0.0),
        *(0, 0, _MILLIMETRES),
        *(0.0, 0.0, 0.0, 0.0, 0, 0),
        *(b"medview", b""),
        *(0 if quaternion is None else 1, 1),
        *(quaternion if quaternion is not None else (0.0, 0.0, 0.0)),
        *ras[:3, 3],
        *ras[:3].ravel(),
        *(b"", b"n+1\0"),
    ) + b"\0" * (_DATA_OFFSET - _HEADER.size)


def _quaternion(axes: NDArray[np.float64]) -> tuple[tuple[float, float, float] | None, float]:
    """(b, c, d) and qfac of orthonormal axes (nifti1.h, method 2); None where they are sheared."""
    if np.abs(axes.T @ axes - np.eye(3)).max() > 1e-4:
        return None, 1.0
    handedness = 1.0 if np.linalg.det(axes) > 0 else -1.0
    m = axes * (1.0, 1.0, handedness)
    # The eigenvector of Bar-Itzhack's symmetric matrix is the nearest unit quaternion at every
    # angle; the usual formula by the trace loses digits near half a turn.
    k = np.array(
        [
            [m[0, 0] - m[1, 1] - m[2, 2], m[1, 0] + m[0, 1], m[2, 0] + m[0, 2], m[2, 1] - m[1, 2]],
            [m[1, 0] + m[0, 1], m[1, 1] - m[0, 0] - m[2, 2], m[2, 1] + m[1, 2], m[0, 2] - m[2, 0]],
            [m[2, 0] + m[0, 2], m[2, 1] + m[1, 2], m[2, 2] - m[0, 0] - m[1, 1], m[1, 0] - m[0, 1]],
            [m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1], np.trace(m)],
        ]
    )
    b, c, d, a = np.linalg.eigh(k)[1][:, -1]
    sign = -1.0 if a < 0 else 1.0
    return (float(b * sign), float(c * sign), float(d * sign)), handedness


def _layout(head: bytes, name: str) -> _Layout:
    if len(head) < _DATA_OFFSET or head[:4] != struct.pack("<i", 348) or head[344:348] != b"n+1\0":
        raise InputError(f"'{name}' is not a NIfTI-1 file.", code="findings-damaged")
    dims = struct.unpack_from("<8h", head, 40)
    dtype = _DTYPES.get(struct.unpack_from("<h", head, 70)[0])
    (offset,) = struct.unpack_from("<f", head, 108)
    (sform_code,) = struct.unpack_from("<h", head, 254)
    is_ours = dims[0] == 3 and min(dims[1:4]) > 0 and offset == _DATA_OFFSET and sform_code > 0
    if dtype is None or not is_ours:
        raise InputError(
            f"'{name}' is not laid out as findings are: three axes, uint8, uint16 or float32, "
            "and an sform.",
            code="findings-damaged",
        )
    ras = np.eye(4)
    ras[:3] = np.reshape(struct.unpack_from("<12f", head, 280), (3, 4))
    return _Layout((dims[3], dims[2], dims[1]), dtype, ras)


def _require_plausible(layout: _Layout, path: Path) -> None:
    if math.prod(layout.shape) * layout.dtype.itemsize > path.stat().st_size * MAX_DEFLATE:
        raise InputError(f"'{path.name}' ends too early.", code="findings-damaged")


def _fill(target: memoryview, file: gzip.GzipFile, name: str) -> None:
    at = 0
    while at < len(target):
        chunk = file.read(min(_SLAB_BYTES, len(target) - at))
        if not chunk:
            raise InputError(f"'{name}' ends too early.", code="findings-damaged")
        target[at : at + len(chunk)] = chunk
        at += len(chunk)
    if file.read(1):
        raise InputError(f"'{name}' holds more than its header says.", code="findings-damaged")
