"""Hooks of the lung nodule detection; whatever is heavy is imported by the run itself."""

from __future__ import annotations

from medview.api import Findings, ModelCard, RunContext, SourceInfo, Verdict, Volume, hookimpl
from medview_lung_nodule_detection.card import CARD
from medview_lung_nodule_detection.params import Params

__all__ = ["Params", "applicable", "describe", "run"]


@hookimpl
def describe() -> ModelCard:
    """What this model is."""
    return CARD


@hookimpl
def applicable(source: SourceInfo) -> Verdict:
    """Whether a chest CT can be expected; the card's input spec was checked before."""
    from medview_lung_nodule_detection.fit import verdict

    return verdict(source)


@hookimpl
def run(source: Volume, params: Params, ctx: RunContext) -> Findings:
    """Find nodule candidates by the chosen method, outline and measure them."""
    if params.method == "monai-retinanet":
        from medview_lung_nodule_detection.public.run import run_public

        return run_public(source, params, ctx)
    from medview_lung_nodule_detection.pipeline import detect
    from medview_lung_nodule_detection.report import findings

    return findings(source, detect(source, params, ctx), ctx)
