"""Read and write NIfTI, NRRD, MetaImage and Analyze files through SimpleITK.

This is one of the two places where axes are reversed: SimpleITK counts (i, j, k),
medview (k, j, i). SimpleITK's world is LPS already; only what it cannot read of
NIfTI goes through nibabel, whose world is RAS.
"""

from __future__ import annotations

import math
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from medview.core.data.volume import Volume
from medview.core.errors import GeometryError, InputError, UsageError
from medview.core.geometry.affine import Affine
from medview.core.geometry.grid import Grid
from medview.core.notice import Notice

if TYPE_CHECKING:
    import SimpleITK as sitk

SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd", ".hdr", ".img")
_WRITABLE = (".nii.gz", ".nii", ".nrrd", ".mha", ".mhd")
_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


@dataclass(frozen=True, slots=True, eq=False)
class FileImage:
    """What the header of a volume file says.

    Attributes
    ----------
    path : Path
    grid : Grid
        Of one time point. The frame of reference is unknown.
    times, samples : int
        Time points; values per voxel.
    dtype : numpy dtype
    reader : {"itk", "nibabel"}
    warnings : tuple of Notice
    """

    path: Path
    grid: Grid
    times: int
    samples: int
    dtype: np.dtype[np.generic]
    reader: str = "itk"
    warnings: tuple[Notice, ...] = ()


def suffix_of(path: Path) -> str | None:
    """Which of `SUFFIXES` a file name ends with, or None."""
    name = path.name.lower()
    return next((s for s in SUFFIXES if name.endswith(s)), None)


def read_information(path: Path) -> FileImage:
    """Read the header only.

    Raises
    ------
    InputError
        If no reader understands the file, or its geometry is unusable.
    """
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        with _quiet():
            reader.ReadImageInformation()
    except RuntimeError as error:
        if suffix_of(path) in (".nii", ".nii.gz"):
            return _nibabel_information(path)
        raise _unreadable(path) from error
    size = reader.GetSize()
    dimension = len(size)
    if dimension < 2 or dimension > 4 or min(size) < 1:
        raise _unreadable(path)
    full = (*size[:3], 1)[:3] if dimension >= 3 else (*size, 1)
    try:
        grid = Grid(
            (full[2], full[1], full[0]),
            _affine(reader.GetOrigin(), reader.GetSpacing(), reader.GetDirection(), dimension),
        )
    except GeometryError as error:
        raise InputError(f"{path.name}: {error.message}", code="damaged-header") from error
    return FileImage(
        path=path,
        grid=grid,
        times=size[3] if dimension == 4 else 1,
        samples=reader.GetNumberOfComponents(),
        dtype=_numpy_type(reader.GetPixelID(), sitk),
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
    if image.reader == "nibabel":
        return _nibabel_array(image, time)
    import SimpleITK as sitk

    reader = sitk.ImageFileReader()
    reader.SetFileName(str(image.path))
    if image.times > 1:
        k, j, i = image.grid.shape
        reader.SetExtractSize((i, j, k, 0))
        reader.SetExtractIndex((0, 0, 0, time))
    try:
        with _quiet():
            loaded = reader.Execute()
    except RuntimeError as error:
        raise InputError(
            f"{image.path.name} is damaged: its values could not be read.", code="damaged-pixels"
        ) from error
    values = sitk.GetArrayViewFromImage(loaded)
    shape = image.grid.shape if image.samples == 1 else (*image.grid.shape, image.samples)
    return compact(values.reshape(shape))


def compact(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """A native-endian copy in the smallest of uint8, int16, int32 and float32 that fits.

    Works slice by slice, so that other threads are not held up.
    """
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


def _nibabel_information(path: Path) -> FileImage:
    image = _nibabel_load(path)
    shape = tuple(int(n) for n in image.shape)
    if not 2 <= len(shape) <= 4 or min(shape) < 1:
        raise _unreadable(path)
    i, j, k = (*shape, 1)[:3]
    matrix = (_RAS_TO_LPS @ np.asarray(image.affine, dtype=np.float64))[:, [2, 1, 0, 3]]
    try:
        grid = Grid((k, j, i), matrix)
    except GeometryError as error:
        raise InputError(f"{path.name}: {error.message}", code="damaged-header") from error
    return FileImage(
        path=path,
        grid=grid,
        times=shape[3] if len(shape) == 4 else 1,
        samples=1,
        dtype=np.dtype(image.get_data_dtype()),
        reader="nibabel",
    )


def _nibabel_array(image: FileImage, time: int) -> NDArray[np.generic]:
    loaded = _nibabel_load(image.path)
    try:
        proxy = loaded.dataobj
        values = np.asarray(proxy[..., time] if len(loaded.shape) == 4 else proxy)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(
            f"{image.path.name} is damaged: its values could not be read.", code="damaged-pixels"
        ) from error
    k, j, i = image.grid.shape
    return compact(values.reshape(i, j, k).transpose(2, 1, 0))


def _nibabel_load(path: Path) -> Any:
    import nibabel
    from nibabel.filebasedimages import ImageFileError
    from nibabel.spatialimages import HeaderDataError

    try:
        return nibabel.load(path)  # type: ignore[attr-defined]
    except (ImageFileError, HeaderDataError, OSError, ValueError, EOFError) as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> InputError:
    return InputError(
        f"{path.name} could not be read as the volume file that its name announces.",
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
    import SimpleITK as sitk

    image = _to_itk(volume, sitk)
    folder = tempfile.mkdtemp(prefix=".medview-", dir=path.parent)
    temporary = Path(folder) / path.name
    try:
        with _quiet():
            sitk.WriteImage(image, str(temporary), useCompression=suffix in (".nrrd", ".nii.gz"))
        for written in sorted(Path(folder).iterdir()):
            os.replace(written, path.parent / written.name)
    except (RuntimeError, OSError) as error:
        raise InputError(f"{path.name} could not be written.", code="not-written") from error
    finally:
        for rest in Path(folder).iterdir():
            rest.unlink()
        Path(folder).rmdir()


def _to_itk(volume: Volume, sitk_module: Any) -> sitk.Image:
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


class _quiet:  # noqa: N801 - reads as a statement
    """Keep ITK's warnings off the terminal; faults still raise."""

    def __enter__(self) -> None:
        import SimpleITK as sitk

        self._was = sitk.ProcessObject.GetGlobalWarningDisplay()
        sitk.ProcessObject.SetGlobalWarningDisplay(False)

    def __exit__(self, *_: object) -> None:
        import SimpleITK as sitk

        sitk.ProcessObject.SetGlobalWarningDisplay(self._was)
