"""Hooks of __NAME__.

What is heavy is imported inside of `run`, so that medview starts quickly.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import medview.api as mv
import numpy as np

CLASSES = ("dark", "medium", "bright")


@dataclass(frozen=True)
class Params:
    """What a reader may set, in the window's form and with ``--set``."""

    sharpness: float = mv.param(10.0, label="Sharpness", low=1, high=100)


@mv.hookimpl
def describe() -> mv.ModelCard:
    """What the model is."""
    return mv.read_card(files(__name__).joinpath("medview_card.json").read_text("utf-8"))


@mv.hookimpl
def applicable(source: mv.SourceInfo) -> mv.Verdict:
    """Whether it fits, beyond what the card's input already says."""
    return mv.Verdict.fits()


@mv.hookimpl
def run(source: mv.Image2D, params: Params, ctx: mv.RunContext) -> mv.Findings:
    """Grade how bright the picture is, by its mean between its least and its largest value."""
    rows = len(source.array)
    total, low, high = 0.0, np.inf, -np.inf
    for row, line in enumerate(source.array):
        ctx.progress(row / rows, "Looking")
        total += float(line.sum(dtype=np.float64))
        low, high = min(low, float(line.min())), max(high, float(line.max()))
    ctx.progress(1.0, "Done")
    if high <= low:
        even = tuple(mv.Grade(name, 1 / len(CLASSES)) for name in CLASSES)
        return mv.Findings(mv.Grades("Brightness", even, None, "All pixels are equal."))
    share = (total / source.array.size - low) / (high - low)
    middles = (np.arange(len(CLASSES)) + 0.5) / len(CLASSES)
    weight = np.exp(-params.sharpness * np.abs(share - middles))
    chances = [float(p) for p in weight / weight.sum()]
    grades = tuple(mv.Grade(name, p) for name, p in zip(CLASSES, chances, strict=True))
    return mv.Findings(mv.Grades("Brightness", grades, CLASSES[int(np.argmax(chances))]))
