"""Put an overlay plane onto a DICOM file that is already written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def add_overlay(
    path: Path, mask: NDArray[np.bool_], *, group: int = 0x6000, label: str = ""
) -> None:
    """Add packed graphics (PS3.3 C.9.2) as large as the image.

    Parameters
    ----------
    path : Path
        Changed in place.
    mask : (rows, columns) ndarray of bool
    group : int
        0x6000 to 0x601E, even.
    label : str
    """
    import pydicom

    dataset = pydicom.dcmread(path)
    packed = np.packbits(mask.ravel(), bitorder="little").tobytes()
    base = group << 16
    dataset.add_new(base | 0x0010, "US", mask.shape[0])
    dataset.add_new(base | 0x0011, "US", mask.shape[1])
    dataset.add_new(base | 0x0040, "CS", "G")
    dataset.add_new(base | 0x0050, "SS", [1, 1])
    dataset.add_new(base | 0x0100, "US", 1)
    dataset.add_new(base | 0x0102, "US", 0)
    if label:
        dataset.add_new(base | 0x1500, "LO", label)
    dataset.add_new(base | 0x3000, "OW", packed + b"\0" * (len(packed) % 2))
    dataset.save_as(path)
