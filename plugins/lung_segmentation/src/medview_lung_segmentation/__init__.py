"""Hooks of the lung segmentation model; whatever is heavy is imported by the run itself."""

from __future__ import annotations

from medview.api import Findings, ModelCard, RunContext, SourceInfo, Verdict, Volume, hookimpl
from medview_lung_segmentation.card import CARD
from medview_lung_segmentation.params import EMBEDDED, Params

__all__ = ["Params", "applicable", "describe", "run"]


@hookimpl
def describe() -> ModelCard:
    """What this model is."""
    return CARD


@hookimpl
def applicable(source: SourceInfo) -> Verdict:
    """It fits what the card's input spec lets pass: that was checked before."""
    return Verdict.fits()


@hookimpl
def run(source: Volume, params: Params, ctx: RunContext) -> Findings:
    """Segment both lungs and the central airways, or lobes, by the chosen method."""
    if params.method not in EMBEDDED:
        from medview_lung_segmentation.public.methods import run_public

        return run_public(source, params.method, ctx)
    from medview_lung_segmentation.report import findings
    from medview_lung_segmentation.segmentation import segment

    return findings(source, segment(source, params, ctx), ctx)
