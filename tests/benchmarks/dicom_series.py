"""Large DICOM series for the benchmarks, written once per run."""

from __future__ import annotations

from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from medview.core.geometry.grid import Grid
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series

JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
JPEG_2000 = "1.2.840.10008.1.2.4.90"


def chest_like(slices: int, size: int) -> NDArray[np.int16]:
    """Soft tissue with noise in a circle of air, so that codecs have real work."""
    rng = np.random.default_rng(7)
    at = np.hypot(*np.meshgrid(*2 * (np.linspace(-1, 1, size),)))
    plane = np.where(at < 0.8, 40.0, -1000.0) + rng.normal(0, 15, (size, size))
    return np.stack([np.roll(plane, 3 * k, axis=0) for k in range(slices)]).astype(np.int16)


def write_plain(folder: Path, slices: int, size: int, seed: str = "medview") -> tuple[Path, ...]:
    """An uncompressed CT series with some 150 elements a header; its UIDs follow from `seed`."""
    matrix = np.array([[0, 0, 0.7, -170], [0, 0.7, 0, -170], [1.0, 0, 0, -200], [0, 0, 0, 1]])
    grid = Grid((slices, size, size), matrix, "1.2.826.0.1.3680043.10.2")
    return write_dicom_series(
        chest_like(slices, size),
        folder,
        grid=grid,
        header=SeriesHeader(seed=seed, study_seed="medview", intercept=-1024.0),
    )


def compress(folder: Path, syntax: str) -> None:
    """Compress every file of a folder without loss, in place."""
    for path in folder.iterdir():
        dataset = pydicom.dcmread(path)
        stored = dataset.pixel_array.astype(np.uint16)
        if syntax == JPEG_2000:
            data = imagecodecs.jpeg2k_encode(stored, level=0, codecformat="j2k", reversible=True)
        else:
            data = imagecodecs.jpeg8_encode(stored, lossless=True, bitspersample=16)
        dataset.PixelData = encapsulate([bytes(data)])
        dataset["PixelData"].is_undefined_length = True
        dataset.file_meta.TransferSyntaxUID = UID(syntax)
        dataset.save_as(path)


def write_many(folder: Path, series: int, slices: int) -> None:
    """Many small series: one is written, the others are its bytes under other UIDs."""
    first = write_plain(folder / "00", slices, 16)
    dataset = pydicom.dcmread(first[0], stop_before_pixels=True)
    uid = str(dataset.SeriesInstanceUID).encode()
    for number in range(1, series):
        (folder / f"{number:02d}").mkdir()
        other = uid[:-2] + f"{number:02d}".encode()
        for path in first:
            data = path.read_bytes().replace(uid, other)
            (folder / f"{number:02d}" / path.name).write_bytes(data)
