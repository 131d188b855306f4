"""Segmentation bundles: windows, decision, label map and volumes on the source's grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from medview.core.data.volume import Volume
from medview.core.errors import ModelError
from medview.core.findings.base import Findings
from medview.core.findings.labelmap import LabelMap
from medview.core.runctx import RunContext
from medview.host.bundles.metadata import BundleMetadata
from medview.inference.adapters.bundle_config import BundleConfig
from medview.inference.adapters.bundle_volume import prepare, step_name
from medview.inference.adapters.labels import class_name, label
from medview.inference.adapters.masks import Decision, exclusive_labels, separate_masks
from medview.inference.adapters.volumes import volumes_ml
from medview.inference.adapters.windows import plan_of, scores_of

_DONE_BY_US = frozenset(
    {
        "Activations", "AsDiscrete", "Invert", "SaveImage", "EnsureType", "ToTensor", "ToDevice",
        "DeleteItems", "SelectItems", "CopyItems", "CastToType", "AsChannelLast", "Lambda",
    }
)  # fmt: skip
Clean = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
_ON_LABELS = frozenset({"KeepLargestConnectedComponent", "FillHoles", "RemoveSmallObjects"})


def segment_volume(
    config: BundleConfig, metadata: BundleMetadata, source: Volume, ctx: RunContext
) -> Findings:
    """Run a segmentation bundle on a volume."""
    prepared = prepare(source, config.preprocessing(), metadata.input_key, ctx)
    plan = plan_of(config.inferer(), prepared.grid.shape)
    steps = config.postprocessing()
    decision = decision_of(steps)
    network = scores_of(config.network(), metadata.output_key)
    grids = (prepared.grid, source.grid)
    clean = _cleaners(steps, metadata.output_key, decision, ctx)
    if decision.exclusive:
        labels = exclusive_labels(network, prepared.image, plan, grids, decision, ctx, clean[0])
        labels = clean[1](labels)
        return exclusive_findings(metadata.name, labels, metadata.classes, source)
    masks = separate_masks(network, prepared.image, plan, grids, decision, ctx)
    return separate_findings(metadata.classes, masks, source)


def decision_of(steps: list[Any]) -> Decision:
    """How a bundle's own steps turn scores into masks."""
    named = [(step_name(s), s) for s in steps]
    names = [n for n, _ in named]
    is_sigmoid = any(n == "Activations" and _first(s.sigmoid) for n, s in named)
    is_softmax = any(n == "Activations" and _first(s.softmax) for n, s in named)
    discrete = next((s for n, s in named if n == "AsDiscrete"), None)
    argmax = discrete is not None and bool(_first(discrete.argmax))
    threshold = None if discrete is None else _first(discrete.threshold)
    smooth = False
    if "Invert" in names and "AsDiscrete" in names:
        inverse = dict(named)["Invert"]
        is_first = names.index("Invert") < names.index("AsDiscrete")
        smooth = is_first and not _first(inverse.nearest_interp)
    activation = "softmax" if is_softmax else "sigmoid" if is_sigmoid else "none"
    exclusive = argmax or not (is_sigmoid or threshold is not None)
    limit = float(threshold) if isinstance(threshold, int | float) and threshold else 0.5
    return Decision(activation, exclusive, limit, smooth)  # type: ignore[arg-type]


def exclusive_findings(
    name: str, labels: NDArray[np.uint8], classes: tuple[str, ...], source: Volume
) -> Findings:
    """One label map in which channel 0 is background."""
    seen = np.zeros(256, dtype=bool)
    for plane in labels:
        seen[plane] = True
    count = max(len(classes), int(np.flatnonzero(seen).max(initial=0)) + 1)
    found = tuple(label(n, class_name(classes, n)) for n in range(1, count))
    item = LabelMap(name, labels, found, source.grid)
    return Findings(item, volumes_ml([item]))


def separate_findings(
    classes: tuple[str, ...], masks: list[NDArray[np.uint8]], source: Volume
) -> Findings:
    """A label map for each channel, because structures may overlap."""
    items = []
    for n, mask in enumerate(masks):
        name = class_name(classes, n)
        if name.lower() != "background":
            items.append(LabelMap(name, mask, (label(1, name, label(n, name).rgb),), source.grid))
    return Findings(*items, volumes_ml(items))


def _cleaners(
    steps: list[Any], key: str, decision: Decision, ctx: RunContext
) -> tuple[Clean, Clean]:
    """The steps that clean labels on the network's grid, and those that do on the source's.

    Between them the bundle's own ``Invert`` stands; any other unknown step is told of.
    """
    found: tuple[list[Any], list[Any]] = ([], [])
    inverted = False
    for step in steps:
        name = step_name(step)
        inverted |= name == "Invert"
        if name in _ON_LABELS and decision.exclusive and (inverted or not decision.smooth):
            found[inverted].append(step)
        elif name not in _DONE_BY_US or name == "Lambda":
            ctx.warn("step-left-out", f"The bundle's step {type(step).__name__} was left out.")
    return _cleaning(found[0], key), _cleaning(found[1], key)


def _cleaning(steps: list[Any], key: str) -> Clean:
    def clean(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if not steps:
            return labels
        data = {key: torch.from_numpy(labels)[None]}
        for step in steps:
            try:
                data = step(data)
            except (RuntimeError, ValueError, KeyError) as error:
                raise ModelError(
                    f"The step {type(step).__name__} of the bundle failed: {str(error)[:300]}",
                    code="bundle-step",
                ) from error
        return np.asarray(data[key][0]).astype(np.uint8)

    return clean


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list | tuple) and value else value
