"""What is not to be trusted can be seen in a snapshot, and a stack gives none, with the reason."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image

from medview.app.cli import main
from medview.app.cli.environment import Environment
from medview.app.controllers.models import open_catalogue
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms.grids import axial_grid
from medview.testing.phantoms.simple import ball_phantom

Shot = Callable[[Path, str], NDArray[np.int64]]
SIZE = (640, 500)
_HALO = 6
"""How far, in pixels, letters have an edge that is no longer warm."""


@pytest.fixture
def medview() -> Callable[..., int]:
    def call(*arguments: object) -> int:
        catalogue = open_catalogue(os.environ, allow=frozenset(), installed=())
        return main([str(a) for a in arguments], Environment(os.environ, lambda: catalogue))

    return call


@pytest.fixture
def shot(medview: Callable[..., int], tmp_path: Path) -> Shot:
    """Snapshot of a folder as (rows, columns, RGB)."""

    def draw(folder: Path, layout: str) -> NDArray[np.int64]:
        out = tmp_path / f"{folder.name}-{layout}.png"
        size = f"{SIZE[0]}x{SIZE[1]}"
        assert medview("snapshot", folder, "-o", out, "--layout", layout, "--size", size) == 0
        return np.asarray(Image.open(out)).astype(np.int64)

    return draw


def write(folder: Path) -> tuple[Path, ...]:
    grid = axial_grid((24, 48, 48), (2.0, 1.5, 1.5), (0.0, 0.0, 0.0))
    return write_dicom_series(ball_phantom(grid), folder, header=SeriesHeader(seed="marks"))


def edit(path: Path, **values: object) -> None:
    dataset = pydicom.dcmread(path)
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    dataset.save_as(path)


def lossy(paths: tuple[Path, ...]) -> None:
    for path in paths:
        edit(path, LossyImageCompression="01", LossyImageCompressionRatio="12")


def stored_twice(paths: tuple[Path, ...]) -> None:
    shutil.copy(paths[5], paths[5].with_name("again.dcm"))


def mixed(paths: tuple[Path, ...]) -> None:
    for path in paths[::2]:
        edit(path, ConvolutionKernel="B70f")


def warm(picture: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where a picture is amber or red; the image itself is grey."""
    red, _, blue = np.moveaxis(picture, -1, 0)
    return (red > 120) & (blue < 0.7 * red)


def around(mark: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The smallest upright box around a mark, and the halo of its letters."""
    box = np.zeros_like(mark)
    rows, columns = np.flatnonzero(mark.any(axis=1)), np.flatnonzero(mark.any(axis=0))
    top, left = max(0, rows[0] - _HALO), max(0, columns[0] - _HALO)
    box[top : rows[-1] + _HALO + 1, left : columns[-1] + _HALO + 1] = True
    return box


def quarters(picture: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    half = (picture.shape[0] // 2, picture.shape[1] // 2)
    return [
        picture[rows, columns]
        for rows in (slice(None, half[0]), slice(half[0], None))
        for columns in (slice(None, half[1]), slice(half[1], None))
    ]


@pytest.mark.parametrize(
    ("spoil", "layout"),
    [
        *((lossy, name) for name in ("four-up", "axial", "coronal", "sagittal", "volume")),
        (stored_twice, "four-up"),
        (mixed, "four-up"),
    ],
)
def test_the_same_voxels_with_a_mark_show_it_and_nothing_else_changes(
    tmp_path: Path, shot: Shot, layout: str, spoil: Callable[[tuple[Path, ...]], None]
) -> None:
    write(tmp_path / "sound")
    spoil(write(tmp_path / "marked"))
    sound, marked = shot(tmp_path / "sound", layout), shot(tmp_path / "marked", layout)
    differs = (sound != marked).any(axis=-1)
    written = differs & warm(marked)
    pairs = [(differs, written)]
    if layout == "four-up":
        pairs = list(zip(quarters(differs), quarters(written), strict=True))
    for changed, mark in pairs:
        assert mark.sum() > 100, "no mark to be seen"
        assert not (changed & ~around(mark)).any(), "more than the mark has changed"


def test_a_repair_is_marked_where_the_voxels_were_moved(tmp_path: Path, shot: Shot) -> None:
    grid = axial_grid((24, 48, 48), (2.0, 1.5, 1.5), (0.0, 0.0, 0.0))
    header = SeriesHeader(seed="tilted", tilt_deg=15.0)
    write_dicom_series(ball_phantom(grid), tmp_path / "tilted", header=header)
    write(tmp_path / "upright")
    tilted, upright = shot(tmp_path / "tilted", "four-up"), shot(tmp_path / "upright", "four-up")
    for view in quarters(warm(tilted) & ~warm(upright)):
        assert view.sum() > 100


@pytest.mark.parametrize("layout", ["four-up", "volume"])
def test_a_stack_is_drawn_neither_in_planes_nor_in_3d_and_the_reason_is_told(
    tmp_path: Path, medview: Callable[..., int], capsys: pytest.CaptureFixture[str], layout: str
) -> None:
    for path in write(tmp_path / "ct")[8:16]:
        path.unlink()
    out = tmp_path / "shot.png"
    assert medview("snapshot", tmp_path / "ct", "-o", out, "--layout", layout) == 4
    assert not out.exists()
    told = " ".join(capsys.readouterr().err.split())
    assert "not a trustworthy volume" in told
    assert "gap of 18.00 mm" in told


def test_a_scan_stored_for_white_air_is_drawn_with_white_air(tmp_path: Path, shot: Shot) -> None:
    write(tmp_path / "usual")
    for path in write(tmp_path / "inverse"):
        edit(path, PhotometricInterpretation="MONOCHROME1")
    usual, inverse = shot(tmp_path / "usual", "axial"), shot(tmp_path / "inverse", "axial")
    middle = (SIZE[1] // 2, SIZE[0] // 2)
    beside = (SIZE[1] // 2, SIZE[0] // 2 - 200)
    assert usual[middle].mean() > usual[beside].mean() + 50
    assert inverse[middle].mean() < inverse[beside].mean() - 50
