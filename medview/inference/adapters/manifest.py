"""Run an ONNX or TorchScript model as its manifest describes it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from medview.core.data.image2d import Image2D
from medview.core.data.volume import Volume
from medview.core.errors import ModelError
from medview.core.findings.base import Findings
from medview.core.findings.labelmap import LabelMap
from medview.core.geometry.grid import Grid
from medview.core.runctx import RunContext
from medview.host.bundles.manifest import Manifest, Scaling
from medview.inference.adapters.bundle_classification import as_channels, graded
from medview.inference.adapters.labels import label
from medview.inference.adapters.masks import Decision, exclusive_labels, separate_masks
from medview.inference.adapters.volumes import clean, volumes_ml
from medview.inference.adapters.windows import scores_of
from medview.inference.regrid import onto, oriented, spaced
from medview.inference.reproducible import reproducibly
from medview.inference.sliding_window import WindowPlan, autocast

Network = Callable[[torch.Tensor], torch.Tensor]


def run_manifest(manifest: Manifest, source: Volume | Image2D, ctx: RunContext) -> Findings:
    """Run a model on one source; see `medview.inference.adapters.run`."""
    ctx.progress(0.0, "Loading the network")
    network = _network(manifest, ctx)
    with reproducibly(ctx):
        if isinstance(source, Volume):
            return _on_volume(manifest, network, source, ctx)
        return _on_image(manifest, network, source, ctx)


def scaled(values: NDArray[np.float32], scaling: Scaling) -> NDArray[np.float32]:
    """Values of an image as the network wants them; computed in place."""
    if scaling.kind == "range":
        if scaling.clip:
            np.clip(values, scaling.low, scaling.high, out=values)
        first, last = scaling.to
        values -= scaling.low
        values *= (last - first) / (scaling.high - scaling.low)
        values += first
    elif scaling.kind == "z-score":
        mean = values.mean(dtype=np.float64) if scaling.mean is None else scaling.mean
        deviation = values.std(dtype=np.float64) if scaling.deviation is None else scaling.deviation
        values -= np.float32(mean)
        values /= np.float32(max(float(deviation), 1e-8))
    return values


def _network(manifest: Manifest, ctx: RunContext) -> Network:
    path = ctx.weights(manifest.file)
    if manifest.format == "onnx":
        from medview.inference.adapters.onnx import onnx_network

        return onnx_network(path, ctx)
    from medview.inference.adapters.torchscript import torchscript_network

    return scores_of(torchscript_network(path, ctx), "")


def _on_volume(manifest: Manifest, network: Network, source: Volume, ctx: RunContext) -> Findings:
    grid = oriented(source.grid, manifest.orientation)
    if manifest.spacing_mm is not None:
        grid = spaced(grid, manifest.spacing_mm)
    kind = "nearest" if manifest.spacing_mm is None else "linear"

    def tick(_: float | None, text: str) -> None:
        ctx.progress(0.0, text)

    array = onto(clean(source), source.grid, grid, kind, progress=tick)  # type: ignore[arg-type]
    image = scaled(array.astype(np.float32), manifest.scaling)
    stacked = np.repeat(image[None], manifest.channels, axis=0)
    if manifest.task == "classification":
        return _classified(manifest, network, stacked, ctx)
    return _segmented(manifest, network, stacked, grid, source, ctx)


def _segmented(
    manifest: Manifest,
    network: Network,
    image: NDArray[np.float32],
    grid: Grid,
    source: Volume,
    ctx: RunContext,
) -> Findings:
    plan = WindowPlan(
        manifest.window or grid.shape,
        manifest.overlap if manifest.window else 0.0,
        manifest.blend,
    )
    checked = _checked(network, len(manifest.classes))
    exclusive = manifest.activation == "softmax"
    decision = Decision(manifest.activation, exclusive, manifest.threshold)
    grids = (grid, source.grid)
    if exclusive:
        labels = exclusive_labels(checked, image, plan, grids, decision, ctx)
        named = enumerate(manifest.classes[1:], start=1)
        item = LabelMap(
            manifest.title,
            labels,
            tuple(label(n, c.name, c.rgb, c.code) for n, c in named),
            source.grid,
        )
        return Findings(item, volumes_ml([item]))
    masks = separate_masks(checked, image, plan, grids, decision, ctx)
    items = [
        LabelMap(c.name, mask, (label(1, c.name, c.rgb or label(n, "").rgb, c.code),), source.grid)
        for n, (c, mask) in enumerate(zip(manifest.classes, masks, strict=True))
    ]
    return Findings(*items, volumes_ml(items))


def _on_image(manifest: Manifest, network: Network, source: Image2D, ctx: RunContext) -> Findings:
    # Photographs are (channels, rows, columns) for networks that come without MONAI.
    image = np.ascontiguousarray(as_channels(source, manifest.channels).transpose(0, 2, 1))
    if manifest.size is not None:
        image = _resized(image, manifest.size)
    image = scaled(image, manifest.scaling)
    if manifest.task == "classification":
        return _classified(manifest, network, image, ctx)
    scores = _scores(_checked(network, len(manifest.classes)), image, ctx)
    if scores.shape[1:] != source.array.shape[:2]:
        scores = _resized(scores, source.array.shape[:2])
    if manifest.activation == "softmax":
        labels = scores.argmax(axis=0).astype(np.uint8)
        named = enumerate(manifest.classes[1:], start=1)
        found = tuple(label(n, c.name, c.rgb, c.code) for n, c in named)
        return Findings(LabelMap(manifest.title, labels, found))
    if manifest.activation == "sigmoid":
        scores = (1 / (1 + np.exp(-scores))).astype(np.float32)
    masks = (scores > manifest.threshold).astype(np.uint8)
    return Findings(
        *(
            LabelMap(c.name, mask, (label(1, c.name, c.rgb or label(n, "").rgb, c.code),))
            for n, (c, mask) in enumerate(zip(manifest.classes, masks, strict=True))
        )
    )


def _classified(
    manifest: Manifest, network: Network, image: NDArray[np.float32], ctx: RunContext
) -> Findings:
    scores = _scores(network, image, ctx)
    names = tuple(c.name for c in manifest.classes)
    if scores.size != len(names):
        raise ModelError(
            f"The network gives {scores.size} scores, and the manifest names {len(names)} classes.",
            code="manifest-classes",
        )
    return graded(manifest.title, scores.reshape(1, -1), manifest.activation, names, ctx)


def _scores(network: Network, image: NDArray[np.float32], ctx: RunContext) -> NDArray[np.float32]:
    ctx.progress(0.5, "Looking at the image")
    with torch.inference_mode(), autocast(ctx):
        scores = network(torch.from_numpy(image)[None].to(ctx.device)).float().cpu()
    ctx.progress(1.0, "Done")
    return np.asarray(scores[0].numpy())


def _checked(network: Network, classes: int) -> Network:
    """The network, held to as many channels as the manifest names classes."""

    def call(batch: torch.Tensor) -> torch.Tensor:
        scores = network(batch)
        if scores.ndim != batch.ndim or scores.shape[1] != classes:
            raise ModelError(
                f"The network gives scores of shape {tuple(scores.shape)}, and the manifest names "
                f"{classes} classes.",
                code="manifest-classes",
            )
        return scores

    return call


def _resized(image: NDArray[np.float32], size: tuple[int, ...]) -> NDArray[np.float32]:
    resized = torch.nn.functional.interpolate(
        torch.from_numpy(image)[None], size=tuple(size), mode="bilinear", antialias=True
    )
    return np.asarray(resized[0].numpy())
