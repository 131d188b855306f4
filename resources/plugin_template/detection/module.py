"""Hooks of __NAME__.

What is heavy is imported inside of `run`, so that medview starts quickly.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import medview.api as mv
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Params:
    """What a reader may set, in the window's form and with ``--set``."""

    above: float = mv.param(300.0, label="Density above", unit="[hnsf'U]", low=-1000, high=3000)
    smallest_mm: float = mv.param(5.0, label="Smallest", unit="mm", low=1, high=100)
    at_most: int = mv.param(20, label="At most", low=1, high=200)


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
    """Box the largest bodies that are denser than `params.above`."""
    from scipy import ndimage

    dense = np.zeros(source.array.shape, bool)
    for k, plane in enumerate(source.array):
        ctx.progress(0.5 * k / len(dense), "Comparing")
        dense[k] = plane > params.above
    bodies, _ = ndimage.label(dense)
    boxes = []
    for value, place in enumerate(ndimage.find_objects(bodies), start=1):
        ctx.progress(0.6, "Measuring")
        count = int(np.count_nonzero(bodies[place] == value))
        volume_mm3 = count * source.grid.voxel_volume_mm3
        diameter = (6 * volume_mm3 / np.pi) ** (1 / 3)
        if diameter >= params.smallest_mm:
            boxes.append((diameter, place))
    boxes.sort(key=lambda box: -box[0])
    items = []
    for number, (diameter, place) in enumerate(boxes[: params.at_most], start=1):
        ctx.progress(0.8, "Measuring")
        centre, size = placed(place, source.grid)
        measured = (mv.Quantity("Mean diameter", round(diameter, 1), "mm"),)
        items.append(mv.Detection(f"body-{number}", "Dense body", 1.0, centre, size, measured))
    ctx.progress(1.0, "Done")
    meaning = "always 1: a threshold knows no doubt"
    return mv.Findings(mv.Detections("Dense bodies", tuple(items), meaning))


def placed(
    place: tuple[slice, ...], grid: mv.Grid
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Centre and size (x, y, z) in LPS mm of a box of voxels, which may lie obliquely."""
    start = np.array([s.start for s in place], float)
    stop = np.array([s.stop for s in place], float)
    centre = grid.to_lps((start + stop - 1) / 2)
    size = np.abs(grid.index_to_lps[:3, :3]) @ (stop - start)
    return triple(centre), triple(size)


def triple(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Three numbers as Python has them."""
    x, y, z = (float(v) for v in values)
    return x, y, z
