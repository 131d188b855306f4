"""Boxes of nodules by the installed RetinaNet, in LPS millimetres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medview.api import Grid, RunContext, Volume, inference
from medview_lung_nodule_detection.public.retinanet import build, detector_of
from medview_lung_nodule_detection.working import clean

if TYPE_CHECKING:
    from medview.inference import ScoredBox

WEIGHTS = "model_lung_nodule_ct_detection.pt"
SPACING_MM = (0.703125, 0.703125, 1.25)
"""Along x, y, z: what the network was trained on."""
LOW_HU, HIGH_HU = -1024.0, 300.0
WINDOW = (256, 256, 128)
"""Smaller than the bundle's 512 x 512 x 192, which takes some ten gigabytes."""
OVERLAP = 0.25
MARGIN_MM = 24.0
"""Around the lungs: what the network needs to see of the chest wall."""

Region = tuple[slice, slice, slice]


def find_nodules(source: Volume, region: Region, ctx: RunContext) -> list[ScoredBox]:
    """Everything that the detector keeps, highest score first.

    Parameters
    ----------
    source : Volume
        A CT in canonical axis order.
    region : (slice, slice, slice)
        The part of the source that is looked at; on the CPU each of its windows takes seconds.
    ctx : RunContext

    Raises
    ------
    WeightsError
        If the weights are not installed.
    """
    ctx.progress(0.0, "Loading the network")
    network = inference.fill(build(), ctx.weights(WEIGHTS)).to(ctx.device)
    image, grid = network_input(source, region, ctx)
    with inference.reproducibly(ctx):
        found: list[ScoredBox] = inference.find_boxes(
            detector_of(network),
            image,
            grid,
            ctx,
            window=WINDOW,
            overlap=OVERLAP,
            text="Looking for nodules",
        )
    return [one for one in found if source.grid.contains(one.box.centre_lps_mm)]


def around(lungs: NDArray[np.uint8], spacing_mm: tuple[float, float, float]) -> Region:
    """The box of the lungs and `MARGIN_MM` around them; everything where there is none."""
    box = []
    for axis, (count, spacing) in enumerate(zip(lungs.shape, spacing_mm, strict=True)):
        others = tuple(a for a in range(3) if a != axis)
        hit = np.flatnonzero(lungs.any(axis=others))
        if hit.size == 0:
            return slice(0, lungs.shape[0]), slice(0, lungs.shape[1]), slice(0, lungs.shape[2])
        margin = int(np.ceil(MARGIN_MM / spacing))
        box.append(slice(max(0, int(hit[0]) - margin), min(count, int(hit[-1]) + 1 + margin)))
    return box[0], box[1], box[2]


def network_input(
    source: Volume, region: Region, ctx: RunContext
) -> tuple[NDArray[np.float32], Grid]:
    """(1, x, y, z) values of 0..1 in RAS order at the spacing of training, and their grid."""
    start = (region[0].start, region[1].start, region[2].start)
    array = source.array[region]
    own = source.grid.crop(start, (array.shape[0], array.shape[1], array.shape[2]))
    grid = inference.spaced(inference.oriented(own, "RAS"), SPACING_MM)

    def tick(_: float | None, text: str) -> None:
        ctx.progress(0.0, text)

    hu = np.empty(array.shape, dtype=np.float32)
    for k, plane in enumerate(array):
        tick(None, "Preparing")
        hu[k] = clean(plane)
    image = inference.onto(hu, own, grid, "linear", progress=tick)
    np.clip(image, LOW_HU, HIGH_HU, out=image)
    image -= LOW_HU
    image /= HIGH_HU - LOW_HU
    return image[None], grid
