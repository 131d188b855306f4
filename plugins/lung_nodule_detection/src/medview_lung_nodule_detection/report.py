"""Findings and doubts in words, from what was detected."""

from __future__ import annotations

import itertools

import numpy as np

from medview.api import (
    Code,
    Detection,
    Detections,
    Findings,
    Label,
    LabelMap,
    Quantity,
    RunContext,
    Volume,
)
from medview_lung_nodule_detection.pipeline import Detected, Nodule

SCORE_MEANING = "candidate score, uncalibrated"
HU_UNIT = "[hnsf'U]"
NODULE = Code("SCT", "27925004", "Nodule")
COLOURS = ((255, 196, 61), (255, 138, 101), (174, 213, 129), (128, 203, 196), (206, 147, 216))
_CALCIFIED_PERCENT = 10.0
_THICK_MM = 3.0


def findings(source: Volume, result: Detected, ctx: RunContext) -> Findings:
    """Outlines and the list of nodules; doubts go to the context."""
    _doubt(source, result, ctx)
    labels = tuple(
        Label(n.value, _name(n), COLOURS[(n.value - 1) % len(COLOURS)], NODULE)
        for n in result.nodules
    )
    items = tuple(_detection(source, n) for n in result.nodules)
    ctx.progress(1.0, "Done")
    return Findings(
        Detections("Lung nodule candidates", items, SCORE_MEANING),
        LabelMap("Outlines of nodule candidates", result.labels, labels, source.grid),
    )


def _name(nodule: Nodule) -> str:
    numbers = nodule.numbers
    return f"Candidate {nodule.value}: {numbers.mean_diameter_mm:.1f} mm, {numbers.composition}"


def _detection(source: Volume, nodule: Nodule) -> Detection:
    edges = [(a - 0.5, b - 0.5) for a, b in zip(nodule.start, nodule.stop, strict=True)]
    corners = source.grid.to_lps(np.array(list(itertools.product(*edges))))
    low, high = corners.min(axis=0), corners.max(axis=0)
    centre, size = (low + high) / 2, high - low
    return Detection(
        id=f"candidate-{nodule.value}",
        label="Nodule candidate",
        score=min(1.0, max(0.0, nodule.score)),
        centre=tuple(float(c) for c in centre),
        size=tuple(float(s) for s in size),
        measurements=_quantities(nodule),
    )


def _quantities(nodule: Nodule) -> tuple[Quantity, ...]:
    n = nodule.numbers
    calcified = "possible" if n.calcified_percent >= _CALCIFIED_PERCENT else "not seen"
    items = [
        Quantity("Long axis", round(n.long_mm, 1), "mm"),
        Quantity("Short axis", round(n.short_mm, 1), "mm"),
        Quantity("Mean diameter", round(n.mean_diameter_mm, 1), "mm"),
        Quantity("Volume", round(n.volume_mm3), "mm3"),
        Quantity("Mean density", round(n.mean_hu), HU_UNIT),
        Quantity("Composition", n.composition),
        Quantity("Calcification", calcified),
        Quantity("Side", n.side),
    ]
    if n.pleura_mm is not None:
        items.append(Quantity("Distance to pleura", round(n.pleura_mm, 1), "mm"))
    return tuple(items)


def _doubt(source: Volume, result: Detected, ctx: RunContext) -> None:
    if not result.lung_found:
        ctx.warn("no-lung-found", "No lung was found, so that no nodule was searched for.")
        return
    if max(source.grid.spacing_mm) > _THICK_MM:
        ctx.warn(
            "thick-slices",
            f"Voxels of {max(source.grid.spacing_mm):.1f} mm hide small nodules and blur the "
            "sizes of others.",
        )
    if result.more:
        ctx.warn(
            "more-candidates",
            f"{result.more} further candidates lie above the score threshold and are not shown: "
            "raise the threshold or the number of findings.",
        )
    count = source.array.shape[0]
    if any(n.start[0] == 0 or n.stop[0] == count for n in result.nodules):
        ctx.warn(
            "cut-nodule",
            "A candidate reaches the first or last slice: it may go on outside of the volume.",
        )
