"""The answer on a slide of which one tile holds tissue."""

from __future__ import annotations

import medview.api as mv
import numpy as np
from medview.testing.context import CollectingContext
from medview.testing.slide import ArraySlide

import __MODULE__ as model


def scored(params: model.Params) -> mv.TileScores:
    pixels = np.full((512, 768, 3), 255, np.uint8)
    pixels[256:, 512:] = (150, 60, 120)
    slide = ArraySlide(pixels, mpp=(0.5, 0.5))
    (tiles,) = model.run(slide, params, CollectingContext()).items
    assert isinstance(tiles, mv.TileScores)
    return tiles


def test_the_one_tile_with_tissue_is_scored() -> None:
    tiles = scored(model.Params())
    assert tiles.origin_px.tolist() == [[512, 256]]
    assert tiles.tissue_fraction.tolist() == [1.0]
    assert 0.5 < tiles.scores[0, 0] < 0.6


def test_the_chosen_score_is_the_one_that_is_given() -> None:
    tiles = scored(model.Params(score="colour"))
    assert tiles.score_names == ("colour",)
    assert abs(tiles.scores[0, 0] - (150 - 60) / 255) < 1e-6
