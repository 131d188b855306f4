"""From class scores on a network's grid to masks on the source's grid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from medview.core.geometry.grid import Grid
from medview.core.runctx import RunContext
from medview.inference.regrid import onto
from medview.inference.sliding_window import WindowPlan, averages, segment

Network = Callable[[torch.Tensor], torch.Tensor]
LARGEST_SCORES_BYTES = 2 << 30
_SLAB = 16


@dataclass(frozen=True, slots=True)
class Decision:
    """How scores become masks.

    Attributes
    ----------
    activation : {"softmax", "sigmoid", "none"}
    exclusive : bool
        One class for each voxel, the likeliest; else each channel has its own threshold.
    threshold : float
    smooth : bool
        Bring scores to the source's grid and decide there, which gives smoother outlines than
        deciding first.
    """

    activation: Literal["softmax", "sigmoid", "none"]
    exclusive: bool
    threshold: float = 0.5
    smooth: bool = False


def activated(scores: torch.Tensor, activation: str) -> torch.Tensor:
    """Scores of (classes, ...) as what the threshold is meant for."""
    if activation == "softmax":
        return torch.softmax(scores, dim=0)
    return torch.sigmoid(scores) if activation == "sigmoid" else scores


def exclusive_labels(
    network: Network,
    image: NDArray[np.float32],
    plan: WindowPlan,
    grids: tuple[Grid, Grid],
    decision: Decision,
    ctx: RunContext,
    after: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] = lambda labels: labels,
) -> NDArray[np.uint8]:
    """Channel number of the likeliest class for each voxel of the source.

    Parameters
    ----------
    grids : (Grid, Grid)
        Of the image and of the source.
    after : callable
        What a bundle does to the labels on the network's grid.
    """
    own, source = grids
    if decision.smooth and (scores := _kept(network, image, plan, decision, ctx)) is not None:
        out = np.zeros(source.shape, dtype=np.uint8)
        for k, slab in _brought(scores, own, source, ctx):
            out[k : k + slab.shape[1]] = slab.argmax(axis=0)
        return out
    labels = after(segment(network, image, plan, ctx))
    return onto(labels, own, source, "nearest", outside=0, progress=_finishing(ctx))


def separate_masks(
    network: Network,
    image: NDArray[np.float32],
    plan: WindowPlan,
    grids: tuple[Grid, Grid],
    decision: Decision,
    ctx: RunContext,
) -> list[NDArray[np.uint8]]:
    """A mask of 0 and 1 on the source for each channel; they may overlap."""
    own, source = grids
    if decision.smooth and (scores := _kept(network, image, plan, decision, ctx)) is not None:
        out = np.zeros((len(scores), *source.shape), dtype=np.uint8)
        for k, slab in _brought(scores, own, source, ctx):
            out[:, k : k + slab.shape[1]] = slab > decision.threshold
        return list(out)
    parts: list[NDArray[np.bool_]] = []
    for _, scores_here in averages(network, image, plan, ctx):
        chosen = activated(scores_here, decision.activation) > decision.threshold
        parts.append(chosen.cpu().numpy())
    masks = np.concatenate(parts, axis=1).astype(np.uint8)
    return [
        onto(mask, own, source, "nearest", outside=0, progress=_finishing(ctx)) for mask in masks
    ]


def _kept(
    network: Network,
    image: NDArray[np.float32],
    plan: WindowPlan,
    decision: Decision,
    ctx: RunContext,
) -> NDArray[np.float32] | None:
    """All class maps on the network's grid; None where they would take too much memory."""
    scores: NDArray[np.float32] | None = None
    for first, slab in averages(network, image, plan, ctx):
        if scores is None:
            classes = slab.shape[0]
            if classes * image[0].size * 4 > LARGEST_SCORES_BYTES or ctx.memory == "tight":
                ctx.warn(
                    "outlines-coarse",
                    "To spare memory, classes were decided before they were brought to the "
                    "source's grid: outlines are less smooth.",
                )
                return None
            scores = np.empty((classes, *image.shape[1:]), dtype=np.float32)
        part = activated(slab, decision.activation).cpu().numpy()
        scores[:, first : first + part.shape[1]] = part
    return scores


def _brought(
    scores: NDArray[np.float32], own: Grid, source: Grid, ctx: RunContext
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    tick = _finishing(ctx)
    for k in range(0, source.shape[0], _SLAB):
        count = min(_SLAB, source.shape[0] - k)
        part = source.crop((k, 0, 0), (count, *source.shape[1:]))
        yield k, np.stack([onto(one, own, part, "linear", progress=tick) for one in scores])


def _finishing(ctx: RunContext) -> Callable[[float | None, str], None]:
    return lambda _, text: ctx.progress(1.0, text)
