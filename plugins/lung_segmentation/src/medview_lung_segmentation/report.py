"""Findings and doubts in words, from a segmentation."""

from __future__ import annotations

from medview.api import Code, Findings, Label, LabelMap, Measurements, Quantity, RunContext, Volume
from medview_lung_segmentation.classical.measure import LungNumbers, measure
from medview_lung_segmentation.network.fusion import Fusion
from medview_lung_segmentation.segmentation import Segmentation

RIGHT, LEFT, AIRWAYS = 1, 2, 3
HU_UNIT = "[hnsf'U]"

LABELS = (
    Label(RIGHT, "Right lung", (79, 164, 245), Code("SCT", "3341006", "Right lung")),
    Label(LEFT, "Left lung", (250, 178, 80), Code("SCT", "44029006", "Left lung")),
    Label(
        AIRWAYS,
        "Trachea and main bronchi",
        (120, 220, 160),
        Code("SCT", "110726009", "Trachea and bronchus"),
    ),
)

_SMALLEST_L, _LARGEST_L = 1.0, 10.0
_UNEVEN = 2.5
_LOW_AGREEMENT = 0.90
_MUCH_DENSE_ML = 20.0


def findings(source: Volume, result: Segmentation, ctx: RunContext) -> Findings:
    """Label map and measurements; doubts go to the context."""

    def tick() -> None:
        ctx.progress(0.97, "Measuring")

    numbers = measure(source, result.labels, (RIGHT, LEFT, AIRWAYS), tick)
    _doubt(result, numbers, ctx)
    ctx.progress(1.0, "Done")
    return Findings(
        LabelMap("Lungs", result.labels, LABELS, source.grid),
        Measurements("Lung volumes and density", (*_quantities(numbers), *_agreement(result))),
    )


def _quantities(numbers: dict[int, LungNumbers]) -> tuple[Quantity, ...]:
    right, left = numbers[RIGHT], numbers[LEFT]
    total = right.ml + left.ml
    items = [
        Quantity("Right lung volume", round(right.ml, 1), "ml"),
        Quantity("Left lung volume", round(left.ml, 1), "ml"),
        Quantity("Total lung volume", round(right.ml + left.ml, 1), "ml"),
    ]
    for name, part in (("Right lung", right), ("Left lung", left)):
        if part.mean_hu is not None and part.low_percent is not None:
            items.append(Quantity(f"{name} mean density", round(part.mean_hu, 1), HU_UNIT))
            items.append(Quantity(f"{name} below -950 HU", round(part.low_percent, 2), "%"))
    if total > 0:
        mean = sum((p.mean_hu or 0.0) * p.ml for p in (right, left)) / total
        low = sum((p.low_percent or 0.0) * p.ml for p in (right, left)) / total
        items.append(Quantity("Mean lung density", round(mean, 1), HU_UNIT))
        items.append(Quantity("Low attenuation below -950 HU", round(low, 2), "%"))
    return tuple(items)


def _agreement(result: Segmentation) -> tuple[Quantity, ...]:
    """What both methods say of each other, as numbers."""
    fusion = result.fusion
    if fusion is None or fusion.dice is None:
        return ()
    return (
        Quantity("Agreement of both methods (Dice)", round(fusion.dice, 3), "1"),
        Quantity("Dense lung added by the network", round(fusion.added_ml, 1), "ml"),
    )


def _disagreement(fusion: Fusion, ctx: RunContext) -> None:
    if fusion.dice is None:
        return
    for value in fusion.opaque:
        name = "right" if value == RIGHT else "left"
        ctx.warn(
            "lung-opaque",
            f"The {name} lung shows next to no air: its outline comes from the network alone, "
            "which cannot tell an opaque lung from the fluid after a removal.",
        )
    if fusion.dice < _LOW_AGREEMENT:
        ctx.warn(
            "methods-disagree",
            f"The classical outline and the network agree by a Dice of {fusion.dice:.2f} only: "
            f"{fusion.network_only_ml:.0f} ml are lung for the network alone and "
            f"{fusion.classical_only_ml:.0f} ml for the classical method alone. "
            "Look at the outlines.",
        )
    if fusion.added_ml > _MUCH_DENSE_ML:
        ctx.warn(
            "dense-lung",
            f"{fusion.added_ml:.0f} ml of dense tissue count as lung because of the network: "
            "consolidation, tumour or effusion, or its mistake. Look at the outlines.",
        )


def _doubt(result: Segmentation, numbers: dict[int, LungNumbers], ctx: RunContext) -> None:
    right, left = numbers[RIGHT].ml, numbers[LEFT].ml
    if right + left == 0:
        why = (
            "No airspace in the body looks like lung: gas in the bowel is not counted."
            if result.body_found
            else "No body was found in the volume."
        )
        ctx.warn("no-lung-found", f"No lung was found. {why}")
        return
    for cut, where in ((result.cut_at_top, "upper"), (result.cut_at_bottom, "lower")):
        if cut:
            ctx.warn(
                f"lungs-cut-{where}",
                f"The field of view cuts the lungs at its {where} end: volumes are those of the "
                "part that is shown.",
            )
    if result.cut_at_side:
        ctx.warn(
            "lungs-cut-side",
            "The field of view cuts the lungs at the side: volumes are those of the part that "
            "is shown.",
        )
    for ml, other, name in ((right, left, "right"), (left, right, "left")):
        if ml < 0.02 * other:
            ctx.warn(
                "lung-missing",
                f"No {name} lung was found: it is absent, or too dense to be seen as air.",
            )
    small, large = sorted((right, left))
    if small >= 0.02 * large and large > _UNEVEN * small:
        ctx.warn(
            "lungs-uneven",
            f"One lung is {large / small:.1f} times as large as the other: dense disease, an "
            "effusion or a mistake may hide part of the smaller one.",
        )
    if result.fusion is not None:
        _disagreement(result.fusion, ctx)
    litres = (right + left) / 1000
    is_cut = result.cut_at_top or result.cut_at_bottom or result.cut_at_side
    if litres > _LARGEST_L or (litres < _SMALLEST_L and not is_cut):
        ctx.warn(
            "implausible-volume",
            f"The total volume of {litres:.2f} l is not that of two whole lungs of an adult.",
        )
