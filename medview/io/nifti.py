"""Read NIfTI-1 and NIfTI-2 files; the only place that knows RAS, besides the writer's library.

nibabel rather than SimpleITK, because SimpleITK takes the voxel size from another
field than the affine, cannot read NIfTI-2, and fills the rest of a file that was
cut short with whatever lies in memory.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import GeometryError, InputError
from medview.core.geometry.grid import Grid
from medview.io.file_image import (
    MAX_DEFLATE,
    MAX_VALUES,
    NO_ORIENTATION,
    FileImage,
    compact,
    cut_short,
    unreadable,
)
from medview.io.source import ByteSource

_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def is_nifti(head: bytes) -> bool:
    """Whether the first 348 bytes are a NIfTI header, of either version and byte order."""
    if head[344:348] in (b"n+1\0", b"ni1\0"):
        return True
    return head[:4] in (b"\x1c\x02\0\0", b"\0\0\x02\x1c") and head[4:8] in (b"n+2\0", b"ni2\0")


def read_nifti_information(source: ByteSource, path: Path) -> FileImage:
    """Read the header only.

    The affine is the sform where its code is set, else the qform, else the voxel
    sizes (NIfTI-1 methods 3, 2 and 1); metres and micrometres become millimetres.

    Raises
    ------
    InputError
        If the header is damaged or promises more than the file can hold.
    """
    image = _load(source, path)
    shape = tuple(int(n) for n in image.shape)
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    if not 1 <= len(shape) <= 4 or min(shape) < 1:
        raise unreadable(source)
    i, j, k = (*shape, 1, 1)[:3]
    times = shape[3] if len(shape) == 4 else 1
    dtype = image.get_data_dtype()
    _check_size(source, path, i * j * k * times, dtype.itemsize)
    matrix = (_RAS_TO_LPS @ np.asarray(image.affine, dtype=np.float64))[:, [2, 1, 0, 3]]
    matrix[:3] *= _millimetres(image.header)
    try:
        grid = Grid((k, j, i), matrix)
    except GeometryError as error:
        raise InputError(f"{source.name}: {error.message}", code="damaged-header") from error
    return FileImage(
        source=source,
        grid=grid,
        times=times,
        samples=len(dtype.names) if dtype.names else 1,
        reader="nifti",
        companions=_companions(image, path) if source.is_plain else (),
        warnings=() if _is_placed(image.header) else (NO_ORIENTATION,),
    )


def read_nifti_array(image: FileImage, path: Path, time: int) -> NDArray[np.generic]:
    """Values of one time point after scaling, (k, j, i) or (k, j, i, samples).

    Raises
    ------
    InputError
        If the file is cut short or damaged.
    """
    loaded = _load(image.source, path)
    try:
        proxy = loaded.dataobj
        raw = np.asanyarray(proxy.get_unscaled())
        slope, intercept = float(proxy.slope), float(proxy.inter)
    # Besides its own errors nibabel passes on those of gzip, zlib, mmap and numpy.
    except Exception as error:
        raise cut_short(image.source) from error
    k, j, i = image.grid.shape
    # NIfTI counts i fastest: seen from the other end that is (time, k, j, i) in C order.
    planes = raw.reshape((i, j, k, image.times), order="F").transpose(3, 2, 1, 0)[time]
    if planes.dtype.names:
        return np.stack([planes[name] for name in planes.dtype.names], axis=-1)
    if planes.dtype.kind == "c":
        raise InputError(
            f"{image.source.name} holds complex numbers, which cannot be shown.",
            code="unsupported-pixels",
        )
    if slope == 1 and intercept == 0:
        return compact(planes)
    out = np.empty(planes.shape, np.float32)
    for number, plane in enumerate(planes):
        out[number] = plane.astype(np.float64) * slope + intercept
    return out


def _millimetres(header: Any) -> float:
    """How long the file's unit of space is; unknown units are millimetres by custom."""
    code = int(header["xyzt_units"]) & 7
    return {1: 1000.0, 3: 0.001}.get(code, 1.0)


def _is_placed(header: Any) -> bool:
    """Whether the header relates voxels to the patient at all (NIfTI-1 methods 2 and 3)."""
    return bool(header["sform_code"] > 0 or header["qform_code"] > 0)


def _check_size(source: ByteSource, path: Path, count: int, itemsize: int) -> None:
    there = path.stat().st_size
    if path.suffix.lower() in (".gz", ".hdr"):
        there = there * MAX_DEFLATE if path.suffix.lower() == ".gz" else MAX_VALUES
    if count > MAX_VALUES or count * itemsize > there:
        raise InputError(
            f"{source.name} is cut short: its header promises {count} values.",
            code="truncated-pixels",
        )


def _companions(image: Any, path: Path) -> tuple[Path, ...]:
    names = {Path(str(holder.filename)) for holder in image.file_map.values() if holder.filename}
    return tuple(sorted(p for p in names if p != path and p.is_file()))


def _load(source: ByteSource, path: Path) -> Any:
    import nibabel

    try:
        return nibabel.load(path)
    # Damaged headers make nibabel raise errors of a dozen unrelated classes.
    except Exception as error:
        raise unreadable(source) from error
