"""Read and write NIfTI, NRRD, MetaImage and Analyze files through SimpleITK.

This is one of the two places where axes are reversed: SimpleITK counts (i, j, k),
medview (k, j, i). SimpleITK's world is LPS already; only what it cannot read of
NIfTI goes through nibabel, whose world is RAS.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.data.volume import Volume
from medview.core.errors import GeometryError, InputError, UsageError
from medview.core.geometry.affine import Affine
from medview.core.geometry.grid import Grid
from medview.core.notice import Notice
from medview.io.source import ByteSource

SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd", ".hdr", ".img")
_WRITABLE = (".nii.gz", ".nii", ".nrrd", ".mha", ".mhd")
_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


@dataclass(frozen=True, slots=True, eq=False)
class FileImage:
    """What the header of a volume file says.

    Attributes
    ----------
    source : ByteSource
    grid : Grid
        Of one time point. The frame of reference is unknown.
    times, samples : int
        Time points; values per voxel.
    dtype : numpy dtype
    reader : {"itk", "nibabel"}
    companions : tuple of Path
        Other files that hold part of it.
    warnings : tuple of Notice
    """

    source: ByteSource
    grid: Grid
    times: int
    samples: int
    dtype: np.dtype[np.generic]
    reader: str = "itk"
    companions: tuple[Path, ...] = ()
    warnings: tuple[Notice, ...] = ()


def suffix_of(path: Path) -> str | None:
    """Which of `SUFFIXES` a file name ends with, or None."""
    name = path.name.lower()
    return next((s for s in SUFFIXES if name.endswith(s)), None)


def read_information(source: ByteSource) -> FileImage:
    """Read the header only.

    Raises
    ------
    InputError
        If no reader understands the file, or its geometry is unusable.
    """
    with source.as_file() as path:
        return _information(source, path)


def _information(source: ByteSource, path: Path) -> FileImage:
    sitk = _sitk()
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        with _quiet():
            reader.ReadImageInformation()
    except RuntimeError as error:
        if suffix_of(path) in (".nii", ".nii.gz"):
            return _nibabel_information(source, path)
        raise _unreadable(source) from error
    size = reader.GetSize()
    dimension = len(size)
    if dimension < 2 or dimension > 4 or min(size) < 1:
        raise _unreadable(source)
    full = (*size[:3], 1)[:3] if dimension >= 3 else (*size, 1)
    try:
        grid = Grid(
            (full[2], full[1], full[0]),
            _affine(reader.GetOrigin(), reader.GetSpacing(), reader.GetDirection(), dimension),
        )
    except GeometryError as error:
        raise InputError(f"{source.name}: {error.message}", code="damaged-header") from error
    return FileImage(
        source=source,
        grid=grid,
        times=size[3] if dimension == 4 else 1,
        samples=reader.GetNumberOfComponents(),
        dtype=_numpy_type(reader.GetPixelID(), sitk),
        companions=_companions(source),
    )


def _affine(
    origin: tuple[float, ...],
    spacing: tuple[float, ...],
    direction: tuple[float, ...],
    dimension: int,
) -> Affine:
    """Index-to-LPS for (k, j, i) out of SimpleITK's parts for (i, j, k)."""
    cosines = np.eye(3)
    steps = np.ones(3)
    start = np.zeros(3)
    n = min(dimension, 3)
    cosines[:n, :n] = np.asarray(direction).reshape(dimension, dimension)[:n, :n]
    steps[:n] = spacing[:n]
    start[:n] = origin[:n]
    matrix = np.eye(4)
    matrix[:3, :3] = (cosines * steps)[:, ::-1]
    matrix[:3, 3] = start
    return matrix


def _numpy_type(pixel_id: int, sitk_module: Any) -> np.dtype[np.generic]:
    name = sitk_module.GetPixelIDValueAsString(pixel_id)
    for bits in (8, 16, 32, 64):
        if f"{bits}-bit unsigned" in name:
            return np.dtype(f"u{bits // 8}")
        if f"{bits}-bit signed" in name:
            return np.dtype(f"i{bits // 8}")
        if f"{bits}-bit float" in name:
            return np.dtype(f"f{bits // 8}")
    return np.dtype(np.float64)


def read_array(image: FileImage, time: int = 0) -> NDArray[np.generic]:
    """Values of one time point, (k, j, i) or (k, j, i, samples).

    int16 (or uint8) where every value fits, else int32 for integers and float32.

    Raises
    ------
    InputError
        If the file's content does not match its header.
    """
    with image.source.as_file() as path:
        if image.reader == "nibabel":
            return _nibabel_array(image, path, time)
        return _itk_array(image, path, time)


def _itk_array(image: FileImage, path: Path, time: int) -> NDArray[np.generic]:
    sitk = _sitk()
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    if image.times > 1:
        k, j, i = image.grid.shape
        reader.SetExtractSize((i, j, k, 0))
        reader.SetExtractIndex((0, 0, 0, time))
    try:
        with _quiet():
            loaded = reader.Execute()
    except RuntimeError as error:
        raise InputError(
            f"{image.source.name} is damaged: its values could not be read.", code="damaged-pixels"
        ) from error
    values = sitk.GetArrayViewFromImage(loaded)
    shape = image.grid.shape if image.samples == 1 else (*image.grid.shape, image.samples)
    return compact(values.reshape(shape))


def compact(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """A native-endian copy in the smallest of uint8, int16, int32 and float32 that fits.

    Works slice by slice, so that other threads are not held up.
    """
    target: np.dtype[np.generic]
    if values.dtype == np.uint8:
        target = np.dtype(np.uint8)
    elif values.dtype.kind in "iub":
        low = min(int(s.min()) for s in values)
        high = max(int(s.max()) for s in values)
        if low >= -(1 << 15) and high < 1 << 15:
            target = np.dtype(np.int16)
        elif low >= -(1 << 31) and high < 1 << 31:
            target = np.dtype(np.int32)
        else:
            target = np.dtype(np.float32)
    else:
        target = np.dtype(np.float32)
    out = np.empty(values.shape, target)
    for k in range(values.shape[0]):
        np.copyto(out[k], values[k], casting="unsafe")
    return out


def _nibabel_information(source: ByteSource, path: Path) -> FileImage:
    image = _nibabel_load(source, path)
    shape = tuple(int(n) for n in image.shape)
    if not 2 <= len(shape) <= 4 or min(shape) < 1:
        raise _unreadable(source)
    i, j, k = (*shape, 1)[:3]
    matrix = (_RAS_TO_LPS @ np.asarray(image.affine, dtype=np.float64))[:, [2, 1, 0, 3]]
    try:
        grid = Grid((k, j, i), matrix)
    except GeometryError as error:
        raise InputError(f"{source.name}: {error.message}", code="damaged-header") from error
    return FileImage(
        source=source,
        grid=grid,
        times=shape[3] if len(shape) == 4 else 1,
        samples=1,
        dtype=np.dtype(image.get_data_dtype()),
        reader="nibabel",
    )


def _nibabel_array(image: FileImage, path: Path, time: int) -> NDArray[np.generic]:
    loaded = _nibabel_load(image.source, path)
    try:
        proxy = loaded.dataobj
        values = np.asarray(proxy[..., time] if len(loaded.shape) == 4 else proxy)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(
            f"{image.source.name} is damaged: its values could not be read.", code="damaged-pixels"
        ) from error
    k, j, i = image.grid.shape
    return compact(values.reshape(i, j, k).transpose(2, 1, 0))


def _nibabel_load(source: ByteSource, path: Path) -> Any:
    import nibabel
    from nibabel.filebasedimages import ImageFileError
    from nibabel.spatialimages import HeaderDataError

    try:
        return nibabel.load(path)
    except (ImageFileError, HeaderDataError, OSError, ValueError, EOFError) as error:
        raise _unreadable(source) from error


def _companions(source: ByteSource) -> tuple[Path, ...]:
    """The file with the values, where the header names or implies one."""
    path = source.path
    suffix = suffix_of(path)
    names: list[str] = []
    if suffix == ".hdr":
        names = [path.with_suffix(s).name for s in (".img", ".IMG")]
    elif suffix in (".nhdr", ".mhd"):
        names = _named_data_file(path)
    return tuple(p for n in names if (p := path.parent / n).is_file() and p != path)


def _named_data_file(path: Path) -> list[str]:
    with path.open("rb") as file:
        lines = file.read(1 << 16).decode("latin-1").splitlines()
    for line in lines:
        key, _, value = line.replace(":", "=", 1).partition("=")
        if key.strip().lower() in ("elementdatafile", "data file", "datafile"):
            return [value.strip()]
    return []


def _unreadable(source: ByteSource) -> InputError:
    return InputError(
        f"{source.name} could not be read as the volume file that its name announces.",
        code="damaged-header",
    )


def write_volume(path: Path, volume: Volume) -> None:
    """Write NIfTI (``.nii``, ``.nii.gz``), NRRD or MetaImage, chosen by extension.

    The file appears under its name only when it is complete.

    Raises
    ------
    UsageError
        If the extension names no format that can be written.
    InputError
        If the file cannot be written.
    """
    name = path.name.lower()
    suffix = next((s for s in _WRITABLE if name.endswith(s)), None)
    if suffix is None:
        raise UsageError(
            f"{path.name} names no format to write; use one of {', '.join(_WRITABLE)}.",
            code="unknown-format",
        )
    sitk = _sitk()
    image = _to_itk(volume, sitk)
    folder = tempfile.mkdtemp(prefix=".medview-", dir=path.parent)
    temporary = Path(folder) / path.name
    try:
        with _quiet():
            sitk.WriteImage(image, str(temporary), useCompression=suffix in (".nrrd", ".nii.gz"))
        for written in sorted(Path(folder).iterdir()):
            written.replace(path.parent / written.name)
    except (RuntimeError, OSError) as error:
        raise InputError(f"{path.name} could not be written.", code="not-written") from error
    finally:
        for rest in Path(folder).iterdir():
            rest.unlink()
        Path(folder).rmdir()


def _to_itk(volume: Volume, sitk_module: Any) -> Any:
    image = sitk_module.GetImageFromArray(volume.array)
    matrix = volume.grid.index_to_lps[:3, [2, 1, 0]]
    spacing = np.linalg.norm(matrix, axis=0)
    image.SetOrigin(volume.grid.origin_lps_mm)
    image.SetSpacing([float(s) for s in spacing])
    image.SetDirection([float(v) for v in (_orthonormal(matrix / spacing)).ravel()])
    return image


def _orthonormal(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest right-angled axes: file formats refuse even a hair of slant."""
    left, _, right = np.linalg.svd(directions)
    nearest = left @ right
    largest = float(np.abs(nearest - directions).max())
    return directions if math.isclose(largest, 0, abs_tol=1e-12) else np.asarray(nearest)


def _sitk() -> Any:
    """SimpleITK, which takes a while to import and carries no usable annotations."""
    import SimpleITK

    return SimpleITK


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep ITK's warnings off the terminal; faults still raise."""
    process = _sitk().ProcessObject
    was = process.GetGlobalWarningDisplay()
    process.SetGlobalWarningDisplay(False)
    try:
        yield
    finally:
        process.SetGlobalWarningDisplay(was)
