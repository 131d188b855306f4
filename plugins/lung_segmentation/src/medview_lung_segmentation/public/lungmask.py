"""Lungs or lobes by the published lungmask networks, one slice after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medview.api import RunContext, Volume, WeightsError, inference
from medview_lung_segmentation.progress import PartOfRun
from medview_lung_segmentation.public.regions import tidied
from medview_lung_segmentation.public.slices import LOW_HU, SIZE, Box, put_back, seen

if TYPE_CHECKING:
    from medview_lung_segmentation.public.unet import LungmaskUNet

R231 = "unet_r231-d5d2fc3d.pth"
R231_COVID = "unet_r231covid-0de78a7e.pth"
LOBES = "unet_ltrclobes-3a07043d.pth"

_BATCH = 8


def segment_slices(source: Volume, weights: str, ctx: RunContext) -> NDArray[np.uint8]:
    """Labels of a network for a CT in canonical axis order.

    Parameters
    ----------
    source : Volume
    weights : str
        Name of the installed file; it says how many classes there are.
    ctx : RunContext

    Returns
    -------
    (k, j, i) ndarray of uint8
        R231: 1 right, 2 left lung. LTRCLobes: 1 left upper, 2 left lower, 3 right upper,
        4 right middle, 5 right lower lobe.

    Raises
    ------
    WeightsError
        If the file is not installed or holds other weights.
    """
    ctx.progress(0.0, "Loading the network")
    network = load(weights, ctx)
    small, boxes = _predicted(network, source, PartOfRun(ctx, 0.02, 0.85))

    def tick() -> None:
        ctx.progress(0.9, "Tidying the outlines")

    small = tidied(small, tick)
    out = np.empty(source.array.shape, dtype=np.uint8)
    for k, box in enumerate(boxes):
        ctx.progress(0.95, "Drawing the outlines")
        out[k] = put_back(small[k], box, source.array.shape[1:])
    return out


def segment_lobes_fused(source: Volume, ctx: RunContext) -> NDArray[np.uint8]:
    """Lobes by LTRCLobes within the lungs by R231.

    What R231 alone calls lung is given to the lobe that it touches most; what it does not call
    lung is no lobe.
    """
    lobes = segment_slices(source, LOBES, PartOfRun(ctx, 0.0, 0.45))
    lungs = segment_slices(source, R231, PartOfRun(ctx, 0.45, 0.9))
    unassigned = int(lobes.max()) + 1
    for lobe, lung in zip(lobes, lungs, strict=True):
        lobe[(lobe == 0) & (lung > 0)] = unassigned
        lobe[lung == 0] = 0

    def tick() -> None:
        ctx.progress(0.9, "Joining lobes and lungs")

    return tidied(lobes, tick, unassigned=unassigned)


def load(name: str, ctx: RunContext) -> LungmaskUNet:
    """The network of installed weights, on the device and in evaluation mode."""
    from medview_lung_segmentation.public.unet import fitting

    path = ctx.weights(name)
    try:
        network = fitting(inference.state_dict_of(path))
    except ValueError as error:
        raise WeightsError(
            f"The weights '{name}' are not those of lungmask. Install them again.",
            code="weights-other-network",
        ) from error
    inference.fill(network, path)
    return network.to(ctx.device)


def _predicted(
    network: LungmaskUNet, source: Volume, ctx: RunContext
) -> tuple[NDArray[np.uint8], list[Box]]:
    torch = inference.torch
    count = len(source.array)
    labels = np.empty((count, SIZE, SIZE), dtype=np.uint8)
    boxes: list[Box] = []
    step = 1 if ctx.memory == "tight" else _BATCH
    with inference.reproducibly(ctx):
        for start in range(0, count, step):
            ctx.progress(start / count, f"Looking at slice {start + 1} of {count}")
            stop = min(start + step, count)
            pairs = [seen(_values(source.array[k])) for k in range(start, stop)]
            boxes += [box for _, box in pairs]
            batch = torch.from_numpy(np.stack([image for image, _ in pairs])[:, None])
            with torch.inference_mode(), inference.autocast(ctx):
                scores = network(batch.to(ctx.device))
            labels[start:stop] = scores.argmax(dim=1).to("cpu").numpy()
    return labels, boxes


def _values(plane: NDArray[np.generic]) -> NDArray[np.generic]:
    """Whole numbers stay whole, since resizing rounds them; what is no number is air."""
    if plane.dtype.kind in "iu":
        return plane.astype(np.int32)
    return np.nan_to_num(plane.astype(np.float32), nan=LOW_HU)
