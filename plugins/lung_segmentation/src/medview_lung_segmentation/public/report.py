"""Findings and doubts in words, from labels of a public model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medview.api import Findings, Label, LabelMap, Measurements, Quantity, RunContext, Volume
from medview_lung_segmentation.classical.measure import LungNumbers, measure

HU_UNIT = "[hnsf'U]"
_SMALL_ML = 20.0


def findings(
    source: Volume, labels: NDArray[np.uint8], names: tuple[Label, ...], ctx: RunContext
) -> Findings:
    """Label map, and for each structure volume, mean density and low attenuation."""

    def tick() -> None:
        ctx.progress(0.98, "Measuring")

    numbers = measure(source, labels, tuple(one.value for one in names), tick)
    total = sum(n.ml for n in numbers.values())
    if total == 0:
        ctx.warn("no-lung-found", "No lung was found by this network.")
    for one in names:
        if total > 0 and numbers[one.value].ml < _SMALL_ML:
            ctx.warn(
                "structure-missing",
                f"Of the {one.name.lower()} next to nothing was found: it is absent, cut by the "
                "field of view, or was not recognised.",
            )
    for end, where in ((0, "lower"), (-1, "upper")):
        if labels[end].any():
            ctx.warn(
                f"lungs-cut-{where}",
                f"The field of view cuts the lungs at its {where} end: volumes are those of the "
                "part that is shown.",
            )
    ctx.progress(1.0, "Done")
    return Findings(
        LabelMap("Lungs", labels, names, source.grid),
        Measurements("Lung volumes and density", _quantities(names, numbers, total)),
    )


def _quantities(
    names: tuple[Label, ...], numbers: dict[int, LungNumbers], total: float
) -> tuple[Quantity, ...]:
    items = [Quantity(f"{n.name} volume", round(numbers[n.value].ml, 1), "ml") for n in names]
    items.append(Quantity("Total lung volume", round(total, 1), "ml"))
    for one in names:
        part = numbers[one.value]
        if part.mean_hu is not None and part.low_percent is not None:
            items.append(Quantity(f"{one.name} mean density", round(part.mean_hu, 1), HU_UNIT))
            items.append(Quantity(f"{one.name} below -950 HU", round(part.low_percent, 2), "%"))
    return tuple(items)
