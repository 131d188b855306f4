"""Read NRRD, MetaImage and Analyze files, and write volume files, through SimpleITK.

This is one of the places where axes are reversed: SimpleITK counts (i, j, k),
medview (k, j, i). SimpleITK's world is LPS already.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.data.volume import Volume
from medview.core.errors import GeometryError, InputError, UsageError
from medview.core.geometry.affine import Affine, compose
from medview.core.geometry.grid import Grid, same_sampling
from medview.io.file_image import (
    MAX_DEFLATE,
    NO_ORIENTATION,
    FileImage,
    compact,
    cut_short,
    unreadable,
)
from medview.io.nifti import is_nifti, read_nifti_array, read_nifti_information
from medview.io.source import ByteSource

SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd", ".hdr", ".img")
_WRITABLE = (".nii.gz", ".nii", ".nrrd", ".mha", ".mhd")
_NIFTI_HEADER_BYTES = 348
_GZIP_MAGIC = b"\x1f\x8b"


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
        with path.open("rb") as file:
            head = file.read(_NIFTI_HEADER_BYTES)
        if head[:2] == _GZIP_MAGIC:
            head = ByteSource(path, gzipped=True).head(_NIFTI_HEADER_BYTES)
        if is_nifti(head):
            return read_nifti_information(source, path)
        if suffix_of(path) in (".nii", ".nii.gz"):
            raise unreadable(source)
        return _information(source, path)


def _information(source: ByteSource, path: Path) -> FileImage:
    reader = _reader(path)
    try:
        with _quiet():
            reader.ReadImageInformation()
    except RuntimeError as error:
        raise unreadable(source) from error
    size = reader.GetSize()
    _check_size(source, path, reader)
    dimension = len(size)
    if dimension < 2 or dimension > 4 or min(size) < 1:
        raise unreadable(source)
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
        companions=_companions(source),
        warnings=() if _is_placed(reader, suffix_of(path)) else (NO_ORIENTATION,),
    )


def _is_placed(reader: Any, suffix: str | None) -> bool:
    """Whether the header relates axes to the patient.

    MetaImage always does; Analyze never; NRRD by its field ``space``.
    """
    if suffix in (".hdr", ".img"):
        return False
    return suffix not in (".nrrd", ".nhdr") or "NRRD_space" in reader.GetMetaDataKeys()


def _check_size(source: ByteSource, path: Path, reader: Any) -> None:
    """Refuse what the files cannot hold, even packed as tightly as can be."""
    sitk = _sitk()
    one = sitk.Image([1, 1], reader.GetPixelID(), reader.GetNumberOfComponents())
    wanted = math.prod(reader.GetSize()) * reader.GetNumberOfComponents()
    wanted *= one.GetSizeOfPixelComponent()
    there = path.stat().st_size + sum(p.stat().st_size for p in _companions(source))
    names_many = suffix_of(path) in (".nhdr", ".mhd")  # such a header may list any number of files
    if wanted > there * MAX_DEFLATE and not names_many:
        raise InputError(
            f"{source.name} is cut short: its header promises {wanted >> 20} MiB of values.",
            code="truncated-pixels",
        )


def _reader(path: Path) -> Any:
    """A reader of the one format that the name announces, never of whatever fits."""
    reader = _sitk().ImageFileReader()
    reader.SetFileName(str(path))
    reader.SetImageIO(_IMAGE_IO.get(suffix_of(path) or "", "NiftiImageIO"))
    return reader


_IMAGE_IO = {
    ".nrrd": "NrrdImageIO",
    ".nhdr": "NrrdImageIO",
    ".mha": "MetaImageIO",
    ".mhd": "MetaImageIO",
}
"""The others are Analyze pairs, which the reader of NIfTI knows."""


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


def read_array(image: FileImage, time: int = 0) -> NDArray[np.generic]:
    """Values of one time point, (k, j, i) or (k, j, i, samples).

    int16 (or uint8) where every value fits, else int32 for integers and float32.

    Raises
    ------
    InputError
        If the file's content does not match its header.
    """
    with image.source.as_file() as path:
        if image.reader == "nifti":
            return read_nifti_array(image, path, time)
        return _itk_array(image, path, time)


def _itk_array(image: FileImage, path: Path, time: int) -> NDArray[np.generic]:
    reader = _reader(path)
    if image.times > 1:
        k, j, i = image.grid.shape
        reader.SetExtractSize((i, j, k, 0))
        reader.SetExtractIndex((0, 0, 0, time))
    try:
        with _quiet():
            loaded = reader.Execute()
    except RuntimeError as error:
        raise cut_short(image.source) from error
    values = _sitk().GetArrayViewFromImage(loaded)
    shape = image.grid.shape if image.samples == 1 else (*image.grid.shape, image.samples)
    return compact(values.reshape(shape))


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


def write_volume(path: Path, volume: Volume) -> None:
    """Write NIfTI (``.nii``, ``.nii.gz``), NRRD or MetaImage, chosen by extension.

    The file appears under its name only when it is complete.

    Raises
    ------
    UsageError
        If the extension names no format that can be written.
    GeometryError
        If the axes are so far from right angles that voxels would be written elsewhere.
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
    grid = volume.grid
    directions = _right_angled(grid)
    image.SetOrigin(grid.origin_lps_mm)
    image.SetSpacing(grid.spacing_mm[::-1])
    image.SetDirection([float(v) for v in directions[:, ::-1].ravel()])
    return image


def _right_angled(grid: Grid) -> NDArray[np.float64]:
    """Columns k, j, i of the nearest axes at right angles: ITK knows no others.

    Raises
    ------
    GeometryError
        If a voxel would then be nearer to another one's place than to its own.
    """
    left, _, right = np.linalg.svd(grid.directions)
    nearest: NDArray[np.float64] = left @ right
    there = Grid(grid.shape, compose(grid.origin_lps_mm, nearest, grid.spacing_mm))
    if not same_sampling(grid, there, min(grid.spacing_mm) / 2):
        raise GeometryError(
            "The axes of this volume are not at right angles, which this format cannot say: "
            "it would be written at another place. Nothing was written.",
            code="slanted-axes",
        )
    return nearest


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
