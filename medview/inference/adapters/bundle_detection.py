"""Detection bundles: their detector with its own settings, in bounded windows, boxes in LPS."""

from __future__ import annotations

from typing import Any

from medview.core.data.volume import Volume
from medview.core.errors import ModelError
from medview.core.findings.base import Findings
from medview.core.findings.detections import Detection, Detections
from medview.core.runctx import RunContext
from medview.host.bundles.metadata import BundleMetadata
from medview.inference.adapters.bundle_config import BundleConfig
from medview.inference.adapters.bundle_volume import prepare
from medview.inference.adapters.labels import class_name
from medview.inference.boxes import find_boxes
from medview.inference.sliding_window import Triple

LARGEST_WINDOW: Triple = (256, 256, 128)
SCORE_MEANING = "score of the bundle's detector, uncalibrated"


def detect(
    config: BundleConfig,
    metadata: BundleMetadata,
    source: Volume,
    score_threshold: float,
    ctx: RunContext,
) -> Findings:
    """Run a detection bundle on a volume; boxes below the threshold are left out."""
    prepared = prepare(source, config.preprocessing(), metadata.input_key, ctx)
    config.network()
    detector = config.built("detector")
    if not hasattr(detector, "set_sliding_window_inferer"):
        raise ModelError(
            f"The bundle's detector is a {type(detector).__name__}, which medview does not know.",
            code="bundle-detector",
        )
    if config.has("detector_ops"):
        config.built("detector_ops")
    detector.eval()
    found = find_boxes(
        detector,
        prepared.image,
        prepared.grid,
        ctx,
        window=_bounded(detector.inferer),
        overlap=_overlap(detector.inferer),
    )
    items = tuple(
        Detection(
            id=f"finding-{n}",
            label=class_name(metadata.classes, one.label) if metadata.classes else "Finding",
            score=one.score,
            centre=one.box.centre_lps_mm,
            size=one.box.size_mm,
        )
        for n, one in enumerate(found, start=1)
        if one.score >= score_threshold and source.grid.contains(one.box.centre_lps_mm)
    )
    return Findings(Detections(metadata.name, items, SCORE_MEANING))


def _bounded(inferer: Any) -> Triple:
    """The bundle's window, or the largest one that ordinary machines have the memory for."""
    if inferer is None:
        return LARGEST_WINDOW
    size = [int(n) for n in inferer.roi_size]
    a, b, c = (min(n, most) for n, most in zip(size, LARGEST_WINDOW, strict=True))
    return a, b, c


def _overlap(inferer: Any) -> float:
    return 0.25 if inferer is None else float(inferer.overlap)
