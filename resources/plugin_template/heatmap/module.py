"""Hooks of __NAME__.

What is heavy is imported inside of `run`, so that medview starts quickly.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import medview.api as mv
import numpy as np


@dataclass(frozen=True)
class Params:
    """What a reader may set, in the window's form and with ``--set``."""

    low: float = mv.param(0.0, label="Nothing below", unit="[hnsf'U]", low=-1000, high=3000)
    high: float = mv.param(500.0, label="All above", unit="[hnsf'U]", low=-1000, high=3000)
    blur_mm: float = mv.param(2.0, label="Blur", unit="mm", low=0, high=20)


@mv.hookimpl
def describe() -> mv.ModelCard:
    """What the model is."""
    return mv.read_card(files(__name__).joinpath("medview_card.json").read_text("utf-8"))


@mv.hookimpl
def applicable(source: mv.SourceInfo) -> mv.Verdict:
    """Whether it fits, beyond what the card's input already says."""
    return mv.Verdict.fits()


@mv.hookimpl
def run(source: mv.Volume, params: Params, ctx: mv.RunContext) -> mv.Findings:
    """Map density from `params.low` to `params.high` onto 0 to 1, blurred in each slice."""
    from scipy import ndimage

    width = max(params.high - params.low, 1.0)
    sigma = [params.blur_mm / spacing for spacing in source.grid.spacing_mm[1:]]
    heat = np.zeros(source.array.shape, np.float32)
    for k, plane in enumerate(source.array):
        ctx.progress(k / len(heat), "Mapping")
        share = np.clip((plane.astype(np.float32) - params.low) / width, 0, 1)
        heat[k] = np.clip(ndimage.gaussian_filter(share, sigma), 0, 1)
    ctx.progress(1.0, "Done")
    return mv.Findings(mv.Heatmap("Density", heat, (0.0, 1.0), "share of the density range"))
