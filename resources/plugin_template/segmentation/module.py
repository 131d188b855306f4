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

    above: float = mv.param(300.0, label="Density above", unit="[hnsf'U]", low=-1000, high=3000)


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
    """Label what is denser than `params.above`."""
    mask = np.zeros(source.array.shape, np.uint8)
    for k, plane in enumerate(source.array):
        ctx.progress(k / len(mask), "Comparing")
        mask[k] = plane > params.above
    ctx.progress(1.0, "Done")
    return mv.Findings(mv.LabelMap("Dense tissue", mask, (mv.Label(1, "dense", (255, 160, 60)),)))
