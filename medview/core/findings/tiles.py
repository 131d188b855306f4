"""`TileScores`: scores for tiles of a slide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, slots=True)
class TileScores:
    """Scores of square tiles.

    Attributes
    ----------
    name : str
    origin_px : (n, 2) ndarray of int
        Top left corners (x, y) in level-0 pixels.
    tile_px : int
        Edge of a tile in level-0 pixels.
    level : int
        The pyramid level that was read.
    mpp : float or None
        Microns per pixel at which the model saw the tiles.
    tissue_fraction : (n,) ndarray
        0..1.
    scores : (n, m) ndarray
        One column per name of `score_names`.
    score_names : tuple of str
    """

    name: str
    origin_px: NDArray[np.int64]
    tile_px: int
    level: int
    mpp: float | None
    tissue_fraction: NDArray[np.float64]
    scores: NDArray[np.float64]
    score_names: tuple[str, ...]
