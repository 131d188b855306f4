"""Lobes by MONAI's wholeBody_ct_segmentation, a SegResNet of 105 classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.api import RunContext, Volume, inference
from medview_lung_segmentation.classical.working import clean
from medview_lung_segmentation.progress import PartOfRun

FINE = "model_wholebody_ct_segmentation.pt"
COARSE = "model_lowres_wholebody_ct_segmentation.pt"
SPACING_MM = {FINE: 1.5, COARSE: 3.0}
CLASSES = 105
FIRST_LOBE, LAST_LOBE = 13, 17

_WINDOW = (96, 96, 96)
_OVERLAP = 0.25


def build(classes: int = CLASSES) -> Any:
    """The bundle's network with random weights."""
    (nets,) = inference.import_monai("networks.nets.segresnet")
    return nets.SegResNet(
        spatial_dims=3,
        in_channels=1,
        out_channels=classes,
        init_filters=32,
        blocks_down=(1, 2, 2, 4),
        blocks_up=(1, 1, 1),
        dropout_prob=0.2,
    )


def segment_lobes(source: Volume, weights: str, ctx: RunContext) -> NDArray[np.uint8]:
    """Lobes of a CT in canonical axis order, numbered as lungmask numbers them.

    Parameters
    ----------
    source : Volume
    weights : {`FINE`, `COARSE`}
        The file says at which spacing the network works: 1.5 or 3 mm.
    ctx : RunContext

    Returns
    -------
    (k, j, i) ndarray of uint8
        1 left upper, 2 left lower, 3 right upper, 4 right middle, 5 right lower lobe.
    """
    ctx.progress(0.0, "Loading the network")
    network = inference.fill(build(), ctx.weights(weights)).to(ctx.device)
    spacing = SPACING_MM[weights]
    grid = inference.spaced(inference.oriented(source.grid, "RAS"), (spacing,) * 3)

    def preparing(_: float | None, text: str) -> None:
        ctx.progress(0.02, text)

    hu = inference.onto(_cleaned(source, ctx), source.grid, grid, "linear", progress=preparing)
    plan = inference.WindowPlan(_WINDOW, _OVERLAP, "gaussian", padding="replicate")
    part = PartOfRun(ctx, 0.05, 0.9)
    labels = inference.segment(
        network, normalised(hu)[None], plan, part, text="Looking at the lungs"
    )
    lobes = np.where((labels >= FIRST_LOBE) & (labels <= LAST_LOBE), labels - FIRST_LOBE + 1, 0)

    def drawing(_: float | None, text: str) -> None:
        ctx.progress(0.92, text)

    out: NDArray[np.uint8] = inference.onto(
        lobes.astype(np.uint8), grid, source.grid, "nearest", progress=drawing
    )
    return out


def normalised(hu: NDArray[np.float32]) -> NDArray[np.float32]:
    """The bundle's values: z-score of what is not zero, then all of it stretched to -1..1."""
    counted = hu != 0
    inside = hu[counted]
    if inside.size == 0:
        return np.zeros_like(hu)
    deviation = float(inside.std(dtype=np.float64)) or 1.0
    values = np.where(counted, (hu - inside.mean(dtype=np.float64)) / deviation, 0)
    low, high = float(values.min()), float(values.max())
    if high == low:
        return np.zeros_like(hu)
    return np.asarray((values - low) / (high - low) * 2 - 1, dtype=np.float32)


def _cleaned(source: Volume, ctx: RunContext) -> NDArray[np.float32]:
    """Padding and metal would stretch the scale of the whole volume, so they are limited."""
    out = np.empty(source.array.shape, dtype=np.float32)
    for k, plane in enumerate(source.array):
        if k % 16 == 0:
            ctx.progress(0.01, "Preparing")
        out[k] = clean(plane)
    return out
