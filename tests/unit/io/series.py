"""Series whose every voxel value tells where it lies, and small edits of DICOM files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray

from medview.core.data.volume import Volume
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.io.load import load
from medview.io.scan import Scan, scan
from medview.testing.dicom_writer import SeriesHeader, Syntax, write_dicom_series

FRAME = "1.2.826.0.1.3680043.10.1"
GRADIENT = np.array([2.0, -3.0, 5.0])
"""How much the value grows per millimetre of x, y and z."""

AXIAL = np.eye(3)[:, [2, 1, 0]]
SAGITTAL = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])
CORONAL = np.array([[0, 0, 1.0], [1.0, 0, 0], [0, -1.0, 0]])


def rotation(degrees: tuple[float, float, float]) -> NDArray[np.float64]:
    """Turns about x, then y, then z."""
    a, b, c = np.deg2rad(degrees)
    x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(z @ y @ x)


def make_grid(
    shape: tuple[int, int, int] = (7, 10, 12),
    spacing: tuple[float, float, float] = (2.0, 1.5, 0.75),
    directions: NDArray[np.float64] = AXIAL,
    origin: tuple[float, float, float] = (-20.0, 15.0, 40.0),
) -> Grid:
    """A grid with columns k, j, i of `directions`."""
    return Grid(shape, compose(origin, directions, spacing), FRAME)


def values_at(lps: NDArray[np.float64]) -> NDArray[np.float64]:
    """The linear field that every written series samples."""
    return np.asarray(lps @ GRADIENT)


def field(grid: Grid) -> NDArray[np.int16]:
    """The field at every voxel, rounded to whole numbers."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in grid.shape), indexing="ij"), -1)
    return np.rint(values_at(grid.to_lps(index))).astype(np.int16)


def write_field(
    folder: Path,
    grid: Grid,
    *,
    keep: Iterable[int] | None = None,
    syntax: Syntax = "explicit-little",
    shuffle: bool = True,
    **header: object,
) -> tuple[Path, ...]:
    """Write the field as CT slices; `keep` names the slices that are left."""
    paths = write_dicom_series(
        field(grid),
        folder,
        grid=grid,
        header=SeriesHeader(**{"slope": 1.0, "intercept": -1024.0, **header}),  # type: ignore[arg-type]
        syntax=syntax,
        shuffle=shuffle,
    )
    if keep is None:
        return paths
    kept = set(keep)
    for k, path in enumerate(paths):
        if k not in kept:
            path.unlink()
    return tuple(paths[k] for k in sorted(kept))


def edit(path: Path, change: Callable[[pydicom.Dataset], None]) -> None:
    """Change elements of a file in place."""
    dataset = pydicom.dcmread(path)
    change(dataset)
    dataset.save_as(path)


def scan_one(folder: Path) -> Scan:
    """A scan that must find exactly one series and skip nothing."""
    found = scan([folder])
    assert len(found.entries) == 1, [e.series for e in found.entries]
    assert not found.skipped, found.skipped
    return found


def load_volume(folder: Path) -> Volume:
    """The only series of a folder, which must be a volume."""
    volume = load(scan_one(folder).entries[0])
    assert isinstance(volume, Volume)
    return volume


def assert_field(volume: Volume, tolerance: float = 0.75, margin: int = 0) -> None:
    """Every voxel holds the field's value at its own place.

    Half a unit of rounding when writing and a quarter of one for positions that are
    written with twelve digits.
    """
    grid = volume.grid
    index = np.stack(
        np.meshgrid(*(np.arange(margin, n - margin) for n in grid.shape), indexing="ij"), -1
    )
    expected = values_at(grid.to_lps(index))
    inner = tuple(slice(margin, n - margin) for n in grid.shape)
    assert np.abs(volume.array[inner] - expected).max() <= tolerance
