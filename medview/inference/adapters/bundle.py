"""Run a MONAI bundle: its config builds network and steps, medview loads, cuts and places."""

from __future__ import annotations

from typing import Any

from medview.core.data.image2d import Image2D
from medview.core.data.volume import Volume
from medview.core.errors import ModelError
from medview.core.findings.base import Findings
from medview.core.runctx import RunContext
from medview.host.bundles.installed import InstalledModel
from medview.host.bundles.metadata import BundleMetadata
from medview.host.bundles.settings import SCORE_THRESHOLD
from medview.inference.adapters.bundle_classification import classify
from medview.inference.adapters.bundle_config import BundleConfig, opened_bundle
from medview.inference.adapters.bundle_detection import detect
from medview.inference.adapters.bundle_segmentation import segment_volume
from medview.inference.reproducible import reproducibly


def run_bundle(
    model: InstalledModel,
    metadata: BundleMetadata,
    source: Volume | Image2D,
    params: Any,
    ctx: RunContext,
) -> Findings:
    """Run a bundle on one source; see `medview.inference.adapters.run`.

    Evaluating its config runs code that its author wrote: only a process of its own, to which
    the user agreed, may come here.
    """
    assert model.config is not None
    ctx.progress(0.0, "Building the network")
    threshold = float(getattr(params, SCORE_THRESHOLD, 0.0))
    with (
        opened_bundle(model.folder, model.config.name, params, ctx) as config,
        reproducibly(ctx),
    ):
        return _run(config, metadata, source, threshold, ctx)


def _run(
    config: BundleConfig,
    metadata: BundleMetadata,
    source: Volume | Image2D,
    threshold: float,
    ctx: RunContext,
) -> Findings:
    if metadata.task == "classification":
        return classify(config, metadata, source, ctx)
    if not isinstance(source, Volume):
        raise ModelError("This bundle needs a volume, and was given a flat image.", code="bundle")
    if metadata.task == "detection":
        return detect(config, metadata, source, threshold, ctx)
    return segment_volume(config, metadata, source, ctx)
