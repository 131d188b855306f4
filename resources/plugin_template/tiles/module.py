"""Hooks of __NAME__.

What is heavy is imported inside of `run`, so that medview starts quickly.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

import medview.api as mv
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Params:
    """What a reader may set, in the window's form and with ``--set``."""

    tile_px: int = mv.param(256, label="Tile", help="Edge, in pixels of the finest level.", low=64)
    tissue: float = mv.param(0.1, label="Least tissue", help="Share of a tile.", low=0, high=1)
    score: Literal["darkness", "colour"] = mv.param("darkness", label="Score")


@mv.hookimpl
def describe() -> mv.ModelCard:
    """What the model is."""
    return mv.read_card(files(__name__).joinpath("medview_card.json").read_text("utf-8"))


@mv.hookimpl
def applicable(source: mv.SourceInfo) -> mv.Verdict:
    """Whether it fits, beyond what the card's input already says."""
    return mv.Verdict.fits()


@mv.hookimpl
def run(source: mv.Slide, params: Params, ctx: mv.RunContext) -> mv.Findings:
    """Score how dark, or how strongly coloured, the tissue of each tile is."""
    finest, edge = source.levels[0], params.tile_px
    places = [(x, y) for y in range(0, finest.height, edge) for x in range(0, finest.width, edge)]
    kept, tissue, scores = [], [], []
    for number, (x, y) in enumerate(places):
        ctx.progress(number / len(places), "Looking at tiles")
        wide, high = min(edge, finest.width - x), min(edge, finest.height - y)
        share, dark, colour = looked_at(source.read_region(0, x, y, wide, high))
        if share >= params.tissue:
            kept.append((x, y))
            tissue.append(share)
            scores.append([dark if params.score == "darkness" else colour])
    ctx.progress(1.0, "Done")
    return mv.Findings(
        mv.TileScores(
            name=params.score.capitalize(),
            origin_px=np.array(kept, np.int64).reshape(-1, 2),
            tile_px=edge,
            level=0,
            mpp=None if source.mpp is None else float(np.mean(source.mpp)),
            tissue_fraction=np.array(tissue, np.float64),
            scores=np.array(scores, np.float64).reshape(-1, 1),
            score_names=(params.score,),
        )
    )


def looked_at(rgb: NDArray[np.uint8]) -> tuple[float, float, float]:
    """Share of pixels that are tissue, how dark and how coloured these are, each 0 to 1."""
    values = rgb.astype(np.float32) / 255
    colour = values.max(axis=2) - values.min(axis=2)
    stained = colour > 0.07
    if not stained.any():
        return 0.0, 0.0, 0.0
    return float(stained.mean()), float(1 - values[stained].mean()), float(colour[stained].mean())
