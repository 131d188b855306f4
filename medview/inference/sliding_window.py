"""Sliding-window segmentation that keeps labels, not class maps: slab by slab along k.

A whole-volume class map is what makes 3D models run out of memory: 105 classes
at 287 x 287 x 397 voxels are 13.7 GB of float32. Here only the windows that
overlap one row of windows are held; slices that no later window touches are
turned into labels and given up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import UsageError
from medview.core.runctx import RunContext
from medview.inference.reproducible import reproducibly

if TYPE_CHECKING:
    import torch

Triple = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """How a volume is cut into windows.

    Attributes
    ----------
    size : (int, int, int)
        Window along (k, j, i) in voxels.
    overlap : float
        Share of a window that the next one covers again, 0 <= overlap < 1.
    blend : {"gaussian", "constant"}
        Weight of a prediction over its window.
    batch : int
        Windows per call of the network; 1 when memory is tight.
    padding : {"constant", "replicate"}
        How volumes smaller than a window are filled up.
    """

    size: Triple
    overlap: float = 0.25
    blend: Literal["gaussian", "constant"] = "gaussian"
    batch: int = 1
    padding: Literal["constant", "replicate"] = "constant"

    def __post_init__(self) -> None:
        if min(self.size) < 1 or not 0 <= self.overlap < 1 or self.batch < 1:
            raise UsageError(f"No windows can be made from {self}.")


def window_starts(length: int, window: int, overlap: float) -> list[int]:
    """First indices of the windows along one axis; the last one ends at `length`.

    The same places that MONAI's sliding-window inference uses, so that models
    validated with it give the same result here.
    """
    step = max(1, int(window * (1 - overlap)))
    count = 1 if length <= window else -(-(length - window) // step) + 1
    return [min(n * step, max(0, length - window)) for n in range(count)]


def segment(
    network: Callable[[torch.Tensor], torch.Tensor],
    image: NDArray[np.float32],
    plan: WindowPlan,
    ctx: RunContext,
    *,
    text: str = "Looking at the volume",
) -> NDArray[np.uint8]:
    """Run a segmentation network over a volume and keep the likeliest class of each voxel.

    Parameters
    ----------
    network : callable
        Maps (batch, channels, k, j, i) to scores (batch, classes, k, j, i), on ``ctx.device``,
        with at most 255 classes. Scores may be logits: they are summed with the blending
        weight, and the largest sum wins.
    image : (channels, k, j, i) ndarray of float32
    plan : WindowPlan
    ctx : RunContext
        Gives device, precision, memory mode and whether to be reproducible; asked for
        progress before each call.
    text : str
        Stage in words, for progress.

    Returns
    -------
    (k, j, i) ndarray of uint8

    Raises
    ------
    Cancelled
        Between two windows, when the user stopped the run.
    """
    labels = np.zeros(image.shape[1:], dtype=np.uint8)
    with reproducibly(ctx):
        for first, scores in _slabs(network, image, plan, ctx, text):
            # Device memory is the scarce one: only the labels leave it.
            best = scores.argmax(dim=0).to("cpu").numpy()
            labels[first : first + len(best)] = best
    return labels


def probability(
    network: Callable[[torch.Tensor], torch.Tensor],
    image: NDArray[np.float32],
    plan: WindowPlan,
    ctx: RunContext,
    *,
    foreground: int = 1,
    text: str = "Looking at the volume",
) -> NDArray[np.float32]:
    """As `segment`, but keep the softmax probability of one class.

    Window predictions are turned into probabilities first and then averaged
    with the blending weight.

    Returns
    -------
    (k, j, i) ndarray of float32, 0..1
    """
    import torch

    def softmax(batch: torch.Tensor) -> torch.Tensor:
        return torch.softmax(network(batch).float(), dim=1)

    result = np.zeros(image.shape[1:], dtype=np.float32)
    with reproducibly(ctx):
        for first, scores in _slabs(softmax, image, plan, ctx, text):
            share = scores[foreground] / scores.sum(dim=0).clamp_min(1e-12)
            result[first : first + share.shape[0]] = share.to("cpu").numpy()
    return result


def averages(
    network: Callable[[torch.Tensor], torch.Tensor],
    image: NDArray[np.float32],
    plan: WindowPlan,
    ctx: RunContext,
    *,
    text: str = "Looking at the volume",
) -> Iterator[tuple[int, torch.Tensor]]:
    """As `segment`, but hand over the weighted mean of the scores themselves, slab by slab.

    The caller holds `reproducibly` around the loop and keeps what it needs of each slab.

    Yields
    ------
    (int, (classes, k, j, i) tensor)
        Index of the slab's first slice, and its scores, on the device or, when memory is
        tight, on the CPU.
    """
    import torch

    def with_weight(batch: torch.Tensor) -> torch.Tensor:
        scores = network(batch).float()
        return torch.cat([scores, torch.ones_like(scores[:, :1])], dim=1)

    for first, sums in _slabs(with_weight, image, plan, ctx, text):
        yield first, sums[:-1] / sums[-1:]


def _slabs(
    network: Callable[[torch.Tensor], torch.Tensor],
    image: NDArray[np.float32],
    plan: WindowPlan,
    ctx: RunContext,
    text: str,
) -> Iterator[tuple[int, torch.Tensor]]:
    """Yield (first slice, (classes, k, j, i) weighted score sums) for finished slices, in order."""
    import torch

    tight = ctx.memory == "tight"
    store = "cpu" if tight else ctx.device
    shape = image.shape[1:]
    padded, offset = _padded(image, plan)
    full = padded.shape[1:]
    starts = [window_starts(n, w, plan.overlap) for n, w in zip(full, plan.size, strict=True)]
    weight = torch.from_numpy(blending_weight(plan)).to(store)
    in_plane = list(product(starts[1], starts[2]))
    batch = 1 if tight else plan.batch
    calls = len(starts[0]) * -(-len(in_plane) // batch)
    done = 0
    sums = torch.zeros(0)
    depth = plan.size[0]
    for row, k in enumerate(starts[0]):
        for n in range(0, len(in_plane), batch):
            ctx.progress(done / calls, f"{text}: window {done + 1} of {calls}")
            places = in_plane[n : n + batch]
            with torch.inference_mode(), autocast(ctx):
                windows = torch.from_numpy(
                    np.stack([_cut(padded, (k, j, i), plan.size) for j, i in places])
                ).to(ctx.device)
                scores = network(windows)
            scores = scores.float().to(store)
            if sums.numel() == 0:  # only now the number of classes is known
                sums = torch.zeros((scores.shape[1], depth, *full[1:]), device=store)
            for (j, i), score in zip(places, scores, strict=True):
                sums[:, :, j : j + plan.size[1], i : i + plan.size[2]] += score * weight
            done += 1
        is_last = row + 1 == len(starts[0])
        advance = depth if is_last else starts[0][row + 1] - k
        low = max(k, offset[0])
        high = min(k + advance, offset[0] + shape[0])
        if high > low:
            yield (
                low - offset[0],
                sums[
                    :,
                    low - k : high - k,
                    offset[1] : offset[1] + shape[1],
                    offset[2] : offset[2] + shape[2],
                ],
            )
        if not is_last:
            keep = depth - advance
            # clone: source and destination overlap in memory.
            sums[:, :keep] = sums[:, advance:].clone()
            sums[:, keep:] = 0
    ctx.progress(1.0, text)


def blending_weight(plan: WindowPlan) -> NDArray[np.float32]:
    """(k, j, i) weight of a window: flat, or a Gaussian with sigma of an eighth of each edge."""
    if plan.blend == "constant":
        return np.ones(plan.size, dtype=np.float32)
    weight = np.ones(plan.size, dtype=np.float64)
    for axis, n in enumerate(plan.size):
        x = np.arange(n) - (n - 1) / 2
        curve = np.exp(-(x**2) / (2 * (0.125 * n) ** 2))
        weight *= curve.reshape([-1 if a == axis else 1 for a in range(3)])
    # A weight of zero in a corner that no other window covers would lose the voxel.
    return np.maximum(weight, 1e-3).astype(np.float32)


def autocast(ctx: RunContext) -> AbstractContextManager[object]:
    """Mixed precision as ``ctx.precision`` asks; float16 is for GPUs only."""
    import torch

    kind = ctx.device.split(":")[0]
    if ctx.precision == "float32" or (ctx.precision == "float16" and kind == "cpu"):
        return nullcontext()
    return torch.autocast(kind, dtype=getattr(torch, ctx.precision))


def _padded(image: NDArray[np.float32], plan: WindowPlan) -> tuple[NDArray[np.float32], Triple]:
    """Fill a small volume up to one window; also the index where the volume begins."""
    lacking = [max(0, w - n) for w, n in zip(plan.size, image.shape[1:], strict=True)]
    before = (lacking[0] // 2, lacking[1] // 2, lacking[2] // 2)
    if not any(lacking):
        return image, before
    pads = [(0, 0), *((b, m - b) for b, m in zip(before, lacking, strict=True))]
    if plan.padding == "replicate":
        return np.pad(image, pads, mode="edge"), before
    return np.pad(image, pads, mode="constant"), before


def _cut(image: NDArray[np.float32], start: Triple, size: Triple) -> NDArray[np.float32]:
    block = tuple(slice(s, s + n) for s, n in zip(start, size, strict=True))
    return image[(slice(None), *block)]
