"""Run a 3D box detector over a volume in bounded windows; boxes come back in patient space."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from medview.core.errors import ModelError
from medview.core.geometry.box import BoxLps
from medview.core.geometry.grid import Grid
from medview.core.runctx import RunContext
from medview.inference.cold_start import import_monai
from medview.inference.sliding_window import Triple, autocast, window_starts

SMALL: Triple = (128, 128, 64)


@dataclass(frozen=True, slots=True)
class ScoredBox:
    """A box that a detector found: where, how sure (0..1), and the number of its class."""

    box: BoxLps
    score: float
    label: int


def find_boxes(
    detector: Any,
    image: NDArray[np.float32],
    grid: Grid,
    ctx: RunContext,
    *,
    window: Triple,
    overlap: float = 0.25,
    text: str = "Looking for findings",
) -> list[ScoredBox]:
    """Run a MONAI ``RetinaNetDetector`` and give its boxes in LPS millimetres.

    The network sees one window at a time; its score and box maps are stitched
    on the CPU, where overlapping windows are averaged, and boxes are then
    selected once for the whole volume, as the detector itself does it. A
    volume that fits into one window is seen at once.

    Parameters
    ----------
    detector : monai.apps.detection.networks.retinanet_detector.RetinaNetDetector
        In evaluation mode on ``ctx.device``, with its box selector set.
    image : (1, x, y, z) ndarray of float32
        In the order of axes that the detector was trained with.
    grid : Grid
        Where those voxels lie.
    ctx : RunContext
        When memory is tight, windows are at most 128 x 128 x 64; so they are on the CPU, where
        a larger one would take minutes in which nobody sees progress or can stop it.
    window : (int, int, int)
        Largest window. Three quarters of it should be divisible by the network's stride.
    overlap : float

    Returns
    -------
    list of ScoredBox
        Highest score first. Boxes without size, or with a centre outside of the grid, are left
        out.
    """
    if ctx.memory == "tight" or ctx.device == "cpu":
        window = _smaller(window, SMALL)
    padded = _padded(image, _divisors(detector.size_divisible))
    k, j, i = padded.shape[1:]
    size = _smaller(window, (k, j, i))
    watched = _Watched(detector.network, ctx, _calls((k, j, i), size, overlap), text)
    with torch.inference_mode():
        found = _detected(detector, watched, padded, image.shape[1:], size, overlap)
    ctx.progress(1.0, text)
    boxes = found[detector.target_box_key].float().cpu().numpy()
    labels = found[detector.target_label_key].cpu().numpy()
    scores = found[detector.pred_score_key].float().cpu().numpy()
    return list(placed(boxes, scores, labels, grid))


class _Watched(nn.Module):
    """The network with a report of progress before each window, which is where a run ends."""

    def __init__(self, network: nn.Module, ctx: RunContext, total: int, text: str) -> None:
        super().__init__()
        self.network = network
        self._ctx = ctx
        self._total = total
        self._text = text
        self._done = 0

    def forward(self, windows: torch.Tensor) -> dict[str, list[torch.Tensor]]:
        n = min(self._done, self._total - 1)
        self._ctx.progress(n / self._total, f"{self._text}: window {n + 1} of {self._total}")
        self._done += 1
        with autocast(self._ctx):
            maps = self.network(windows.to(self._ctx.device))
        if not isinstance(maps, dict):
            raise ModelError("The detector's network returns no named maps.", code="bundle-output")
        levels = {n: m if isinstance(m, list | tuple) else [m] for n, m in maps.items()}
        # Stitched on the CPU: maps of a whole volume would fill the device.
        return {name: [one.float().cpu() for one in several] for name, several in levels.items()}


def _detected(
    detector: Any,
    network: nn.Module,
    padded: NDArray[np.float32],
    shape: tuple[int, ...],
    size: Triple,
    overlap: float,
) -> dict[str, torch.Tensor]:
    """Boxes in voxels, as the detector's own call selects them.

    That call is not used, because it computes sizes in a way that numpy will refuse.
    """
    predict, inferers = import_monai("apps.detection.utils.predict_utils", "inferers")
    images = torch.from_numpy(padded)[None]
    # The maps of all levels for a whole chest are some 300 MB: for them stitching is bounded.
    windows = inferers.SlidingWindowInferer(
        size, 1, overlap, "constant", sw_device="cpu", device="cpu"
    )
    keys = [detector.cls_key, detector.box_reg_key]
    maps = predict.predict_with_inferer(images, network, keys=keys, inferer=windows)
    detector.generate_anchors(images, maps)
    counts = [level.shape[2:].numel() for level in maps[detector.cls_key]]
    for key in keys:
        maps[key] = detector._reshape_maps(maps[key])
    found: list[dict[str, torch.Tensor]] = detector.postprocess_detections(
        maps, detector.anchors, [list(shape)], counts
    )
    return found[0]


def _padded(image: NDArray[np.float32], divisor: Triple) -> NDArray[np.float32]:
    """Fill up with zeros behind, to a size that the network's strides divide."""
    lacking = [-n % d for n, d in zip(image.shape[1:], divisor, strict=True)]
    return np.pad(image, [(0, 0), *((0, n) for n in lacking)])


def placed(
    boxes: NDArray[np.float32],
    scores: NDArray[np.float32],
    labels: NDArray[np.int64],
    grid: Grid,
) -> list[ScoredBox]:
    """Boxes of voxels in patient space, highest score first.

    Parameters
    ----------
    boxes : (n, 6) ndarray
        First and last corner as continuous indices of `grid`.
    scores, labels : (n,) ndarray
    grid : Grid
        Where its axes are not the patient's, a box holds all eight corners of what was found.
    """
    found = []
    for n in np.argsort(-scores, kind="stable"):
        first, last = boxes[n].astype(np.float64).reshape(2, 3)
        corners = grid.to_lps(np.array(list(product(*zip(first, last, strict=True)))))
        low, high = corners.min(axis=0), corners.max(axis=0)
        centre = (low + high) / 2
        if not np.isfinite(corners).all() or (last <= first).any() or not grid.contains(centre):
            continue
        box = BoxLps(_triple(centre), _triple(high - low))
        found.append(ScoredBox(box, float(np.clip(scores[n], 0, 1)), int(labels[n])))
    return found


def _calls(full: tuple[int, ...], size: Triple, overlap: float) -> int:
    counts = [len(window_starts(n, w, overlap)) for n, w in zip(full, size, strict=True)]
    return int(np.prod(counts))


def _divisors(given: Any) -> Triple:
    values = [int(v) for v in given] if isinstance(given, list | tuple) else [int(given)] * 3
    return values[0], values[1], values[2]


def _smaller(a: Triple, b: Triple) -> Triple:
    return min(a[0], b[0]), min(a[1], b[1]), min(a[2], b[2])


def _triple(values: NDArray[np.float64]) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])
