"""The whole way with installed weights: boxes, and outlines and numbers where one can be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

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
from medview_lung_nodule_detection.lungs import PartContext, lung_labels
from medview_lung_nodule_detection.measure import NoduleNumbers, measured
from medview_lung_nodule_detection.outline import outlined, painted
from medview_lung_nodule_detection.params import Params
from medview_lung_nodule_detection.public.search import around, find_nodules
from medview_lung_nodule_detection.working import Working, working_copy

if TYPE_CHECKING:
    from medview.inference import ScoredBox

SCORE_MEANING = "score of the RetinaNet, uncalibrated"
HU_UNIT = "[hnsf'U]"
NODULE = Code("SCT", "27925004", "Nodule")
_COLOURS = ((255, 196, 61), (255, 138, 101), (174, 213, 129), (128, 203, 196), (206, 147, 216))


def run_public(source: Volume, params: Params, ctx: RunContext) -> Findings:
    """Nodules of a CT in canonical axis order by MONAI lung_nodule_ct_detection.

    Each finding has the detector's box. Where an outline can be drawn in it, it has the same
    measurements as candidates of the embedded model.
    """
    lungs = lung_labels(source, ctx, 0.0, 0.25)
    part = PartContext(ctx, 0.25, 0.9)
    boxes = find_nodules(source, around(lungs, source.grid.spacing_mm), part)  # type: ignore[arg-type]
    chosen = [one for one in boxes if one.score >= params.score_threshold]
    more = max(0, len(chosen) - params.max_findings)
    if more:
        ctx.warn(
            "more-candidates",
            f"{more} further boxes lie above the score threshold and are not shown: raise the "
            "threshold or the number of findings.",
        )
    work = working_copy(source, lungs, lambda: ctx.progress(0.9, "Preparing"))
    if work is None:
        ctx.warn("no-lung-found", "No lung was found: boxes are shown without measurements.")
    labels = np.zeros(source.array.shape, dtype=np.uint8)
    items, names = [], []
    for n, one in enumerate(chosen[: params.max_findings], start=1):
        ctx.progress(0.92, "Outlining and measuring")
        numbers = None if work is None else _numbers(source, work, one, labels, n)
        if numbers is not None and numbers.mean_diameter_mm < params.min_diameter_mm:
            labels[labels == n] = 0
            continue
        items.append(_detection(one, n, numbers))
        if numbers is not None:
            text = f"Candidate {n}: {numbers.mean_diameter_mm:.1f} mm, {numbers.composition}"
            names.append(Label(n, text, _COLOURS[(n - 1) % len(_COLOURS)], NODULE))
    ctx.progress(1.0, "Done")
    return Findings(
        Detections("Lung nodule candidates", tuple(items), SCORE_MEANING),
        LabelMap("Outlines of nodule candidates", labels, tuple(names), source.grid),
    )


def _numbers(
    source: Volume, work: Working, one: ScoredBox, labels: NDArray[np.uint8], value: int
) -> NoduleNumbers | None:
    """Outline what the box holds; None where nothing stands out in it, or another has it."""
    index = work.from_source(source.grid.to_index(one.box.centre_lps_mm))
    if (index < 0).any() or (index > np.asarray(work.hu.shape) - 1).any():
        return None
    diameter = float(np.mean(one.box.size_mm[:2]))
    outline = outlined(source, work, index, float(np.clip(diameter, 3.0, 30.0)))
    if outline is None:
        return None
    numbers = measured(outline, work, index)
    if painted(outline, labels, value, source.grid.spacing_mm) is None:
        return None
    return numbers


def _detection(one: ScoredBox, number: int, numbers: NoduleNumbers | None) -> Detection:
    return Detection(
        id=f"candidate-{number}",
        label="Nodule candidate",
        score=one.score,
        centre=one.box.centre_lps_mm,
        size=one.box.size_mm,
        measurements=() if numbers is None else _quantities(numbers),
    )


def _quantities(n: NoduleNumbers) -> tuple[Quantity, ...]:
    items = [
        Quantity("Long axis", round(n.long_mm, 1), "mm"),
        Quantity("Short axis", round(n.short_mm, 1), "mm"),
        Quantity("Mean diameter", round(n.mean_diameter_mm, 1), "mm"),
        Quantity("Volume", round(n.volume_mm3), "mm3"),
        Quantity("Mean density", round(n.mean_hu), HU_UNIT),
        Quantity("Composition", n.composition),
        Quantity("Side", n.side),
    ]
    if n.pleura_mm is not None:
        items.append(Quantity("Distance to pleura", round(n.pleura_mm, 1), "mm"))
    return tuple(items)
