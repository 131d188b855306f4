"""Tile scores as CSV: one row per tile, numbers that read back exactly."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np

from medview.core.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from medview.core.findings.tiles import TileScores

_FIXED = ("x", "y", "width", "height", "tissue_fraction")


def write_tiles(path: Path, tiles: TileScores) -> None:
    """Write a header and one row per tile, in the order of `tiles`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow([*_FIXED, *tiles.score_names])
        rows = zip(
            tiles.origin_px.tolist(),
            tiles.tissue_fraction.tolist(),
            tiles.scores.tolist(),
            strict=True,
        )
        for (x, y), tissue, scores in rows:
            out.writerow([x, y, tiles.tile_px, tiles.tile_px, repr(tissue), *map(repr, scores)])


def read_tiles(
    path: Path,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], tuple[str, ...]]:
    """Read origins (n, 2), tissue fractions (n,), scores (n, m) and the m score names.

    Raises
    ------
    InputError
        If the columns are others or a cell is no number.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        if tuple(head[:5]) != _FIXED:
            raise ValueError("other columns")
        numbers = np.array([[float(c) for c in row] for row in rows], dtype=np.float64)
        numbers = numbers.reshape(len(rows), len(head))
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(
            f"'{path.name}' is not a table of tile scores.", code="findings-damaged"
        ) from error
    return numbers[:, :2].astype(np.int64), numbers[:, 4], numbers[:, 5:], tuple(head[5:])
