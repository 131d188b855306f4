"""Right and left lung as the network sees them, on the working grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medview.api import RunContext
from medview_lung_segmentation.classical import morphology as morph
from medview_lung_segmentation.classical.working import AIR_HU
from medview_lung_segmentation.network.model import CLASSES, WINDOW
from medview_lung_segmentation.network.sampling import channels, network_shape, resampled

if TYPE_CHECKING:
    import torch


_OVERLAP = 0.5
_SPECK_SHARE = 0.05
_SLAB = 16


def predict(
    network: torch.nn.Module,
    values: NDArray[np.float32],
    spacing_mm: morph.Spacing,
    ctx: RunContext,
    tick: morph.Tick,
) -> NDArray[np.uint8]:
    """Labels 1 right, 2 left on the grid of (k, j, i) Hounsfield values.

    Specks far smaller than the lung are dropped and holes filled, so that the
    dense middle of a mass belongs to the lung around it.
    """
    from medview.api import inference

    shape = network_shape(values.shape, spacing_mm)
    hu = resampled(values, shape)
    # Room for one window, of air: the network was trained on windows that reach beyond the scan.
    room = [max(0, w - n) for w, n in zip(WINDOW, shape, strict=True)]
    before = [r // 2 for r in room]
    hu = np.pad(hu, [(b, r - b) for b, r in zip(before, room, strict=True)], constant_values=AIR_HU)
    image = channels(hu)
    plan = inference.WindowPlan(WINDOW, overlap=_OVERLAP)
    device = network.to(ctx.device)
    labels = inference.segment(device, image, plan, ctx, text="Looking at the lungs")
    labels = labels[tuple(slice(b, b + n) for b, n in zip(before, shape, strict=True))]
    tick()
    labels = _tidy(labels, tick)
    return _enlarged(labels, values.shape, tick)


def _tidy(labels: NDArray[np.uint8], tick: morph.Tick) -> NDArray[np.uint8]:
    """Each lung without far specks and with its holes filled."""
    out = np.zeros_like(labels)
    largest = 0
    for value in range(1, CLASSES):
        parts, count = morph.components(labels == value)
        sizes = morph.sizes(parts, count)
        sizes[0] = 0
        largest = max(largest, int(sizes.max()))
        keep = sizes > _SPECK_SHARE * largest
        lung = ndimage.binary_fill_holes(keep[parts])
        tick()
        out[lung & (out == 0)] = value
    return out


def _enlarged(
    labels: NDArray[np.uint8], shape: tuple[int, ...], tick: morph.Tick
) -> NDArray[np.uint8]:
    """Labels on another grid, their outlines drawn through the middle between voxels."""
    out = np.zeros(shape, dtype=np.uint8)
    for value in range(1, CLASSES):
        share = (labels == value).astype(np.float32)
        # Along k first: what is left to do is then slice by slice.
        planes = resampled(share, (shape[0], *labels.shape[1:]))
        for k in range(0, shape[0], _SLAB):
            tick()
            part = planes[k : k + _SLAB]
            inside = resampled(part, (len(part), *shape[1:])) > 0.5
            out[k : k + _SLAB][inside] = value
    return out
