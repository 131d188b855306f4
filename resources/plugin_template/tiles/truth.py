"""The answer on a slide of which one tile holds tissue."""

from __future__ import annotations

import medview.api as mv
import numpy as np
from medview.testing.context import CollectingContext
from medview.testing.slide import ArraySlide

import __MODULE__ as model


def test_the_one_tile_with_tissue_is_scored() -> None:
    pixels = np.full((512, 768, 3), 255, np.uint8)
    pixels[256:, 512:] = (150, 60, 120)
    slide = ArraySlide(pixels, mpp=(0.5, 0.5))
    (tiles,) = model.run(slide, model.Params(), CollectingContext()).items
    assert isinstance(tiles, mv.TileScores)
    assert tiles.origin_px.tolist() == [[512, 256]]
    assert tiles.tissue_fraction.tolist() == [1.0]
    assert 0.5 < tiles.scores[0, 0] < 0.6
