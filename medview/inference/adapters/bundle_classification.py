"""Classification bundles: one vector of scores for an image or volume becomes grades."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from medview.core.data.image2d import Image2D
from medview.core.data.volume import Volume
from medview.core.errors import ModelError
from medview.core.findings.base import Findings
from medview.core.findings.detections import Quantity
from medview.core.findings.grades import Grade, Grades
from medview.core.findings.measurements import Measurements
from medview.core.runctx import RunContext
from medview.host.bundles.metadata import BundleMetadata
from medview.inference.adapters.bundle_config import BundleConfig
from medview.inference.adapters.bundle_segmentation import decision_of
from medview.inference.adapters.bundle_volume import prepare, step_name
from medview.inference.adapters.labels import class_name
from medview.inference.adapters.windows import scores_of
from medview.inference.cold_start import import_monai
from medview.inference.sliding_window import autocast

_LOADING = ("LoadImage", "EnsureChannelFirst", "AddChannel", "AsChannelFirst", "EnsureType",
            "ToTensor", "ToDevice")  # fmt: skip


def classify(
    config: BundleConfig, metadata: BundleMetadata, source: Volume | Image2D, ctx: RunContext
) -> Findings:
    """Run a classification bundle on an image or volume."""
    key, steps = metadata.input_key, config.preprocessing()
    if isinstance(source, Volume):
        image = prepare(source, steps, key, ctx).image
    else:
        image = _prepared_image(source, steps, key, metadata.channels)
    network = scores_of(config.network(), metadata.output_key)
    ctx.progress(0.5, "Looking at the image")
    with torch.inference_mode(), autocast(ctx):
        scores = network(torch.from_numpy(image)[None].to(config.device)).float().cpu()
    ctx.progress(1.0, "Done")
    activation = decision_of(config.postprocessing()).activation
    return graded(metadata.name, scores.numpy(), activation, metadata.classes, ctx)


def graded(
    name: str,
    scores: NDArray[np.float32],
    activation: str,
    classes: tuple[str, ...],
    ctx: RunContext,
) -> Findings:
    """Grades from the scores of one image, and the scores themselves where they were scaled.

    Raises
    ------
    ModelError
        If there is not one vector of finite scores.
    """
    vector = np.asarray(scores, dtype=np.float64).reshape(-1)
    if scores.shape[0] != 1 or vector.size != scores.size or not np.isfinite(vector).all():
        raise ModelError("The network returns no vector of scores.", code="bundle-output")
    if activation == "softmax":
        values = np.exp(vector - vector.max())
        values /= values.sum()
    elif activation == "sigmoid":
        values = 1 / (1 + np.exp(-vector))
    else:
        values = vector
    if len(values) == 1:
        positive = class_name(classes, len(classes) - 1) if classes else "Positive"
        share = float(np.clip(values[0], 0, 1))
        return Findings(_grades(name, ((f"Not {positive}", 1 - share), (positive, share))))
    names = [class_name(classes, n) for n in range(len(values))]
    total = values.sum()
    if (values < 0).any() or total <= 0:
        raise ModelError("The network's scores are no shares of classes.", code="bundle-output")
    pairs = tuple((n, float(v / total)) for n, v in zip(names, values, strict=True))
    if abs(total - 1) < 1e-3:
        return Findings(_grades(name, pairs))
    ctx.warn(
        "scores-scaled",
        "The model scores each class by itself; for the bar they were scaled to a sum of one.",
    )
    own = tuple(Quantity(n, float(v), "1") for n, v in zip(names, values, strict=True))
    return Findings(_grades(name, pairs), Measurements("Scores as the model gives them", own))


def as_channels(source: Image2D, channels: int) -> NDArray[np.float32]:
    """(channels, columns, rows): the order of axes in which MONAI reads photographs."""
    pixels = source.array.astype(np.float32)
    if source.is_rgb:
        if channels == 1:
            raise ModelError("The model takes grey images, not colour.", code="bundle")
        return np.ascontiguousarray(pixels.transpose(2, 1, 0))
    return np.ascontiguousarray(np.repeat(pixels.T[None], channels, axis=0))


def _grades(name: str, pairs: tuple[tuple[str, float], ...]) -> Grades:
    best = max(pairs, key=lambda pair: pair[1])[0]
    return Grades(name, tuple(Grade(n, p) for n, p in pairs), best)


def _prepared_image(
    source: Image2D, steps: list[Any], key: str, channels: int
) -> NDArray[np.float32]:
    (data,) = import_monai("data")
    tensor = data.MetaTensor(torch.from_numpy(as_channels(source, channels)))
    for step in steps:
        if step_name(step) in _LOADING:
            continue
        try:
            tensor = step({key: tensor})[key]
        # A transform of a foreign bundle may raise anything.
        except Exception as error:
            raise ModelError(
                f"The step {type(step).__name__} of the bundle failed: "
                f"{type(error).__name__}: {str(error)[:300]}",
                code="bundle-step",
            ) from error
    return np.ascontiguousarray(torch.as_tensor(tensor).cpu().numpy(), dtype=np.float32)
