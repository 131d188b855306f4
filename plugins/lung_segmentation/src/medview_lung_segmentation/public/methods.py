"""The methods that need installed weights, by the names under which a reader chooses them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview.api import Code, Findings, Label, RunContext, Volume
from medview_lung_segmentation.public import lungmask, whole_body
from medview_lung_segmentation.public.report import findings

LUNGS = (
    Label(1, "Right lung", (79, 164, 245), Code("SCT", "3341006", "Right lung")),
    Label(2, "Left lung", (250, 178, 80), Code("SCT", "44029006", "Left lung")),
)
LOBES = (
    Label(1, "Left upper lobe", (250, 178, 80), Code("SCT", "44714003", "Left upper lobe of lung")),
    Label(2, "Left lower lobe", (226, 120, 92), Code("SCT", "41224006", "Left lower lobe of lung")),
    Label(3, "Right upper lobe", (79, 164, 245), Code("SCT", "42400003", "Right upper lobe")),
    Label(4, "Right middle lobe", (126, 211, 220), Code("SCT", "72481006", "Right middle lobe")),
    Label(5, "Right lower lobe", (108, 122, 224), Code("SCT", "266005", "Right lower lobe")),
)


@dataclass(frozen=True, slots=True)
class Method:
    """A public model.

    Attributes
    ----------
    weights : tuple of str
        Names of the files that must be installed.
    labels : tuple of Label
    run : callable
        Source and context to labels on the source's grid.
    """

    weights: tuple[str, ...]
    labels: tuple[Label, ...]
    run: Callable[[Volume, RunContext], NDArray[np.uint8]]


METHODS = {
    "lungmask-r231": Method(
        (lungmask.R231,), LUNGS, lambda s, c: lungmask.segment_slices(s, lungmask.R231, c)
    ),
    "lungmask-r231-covid": Method(
        (lungmask.R231_COVID,),
        LUNGS,
        lambda s, c: lungmask.segment_slices(s, lungmask.R231_COVID, c),
    ),
    "lungmask-lobes": Method(
        (lungmask.LOBES,), LOBES, lambda s, c: lungmask.segment_slices(s, lungmask.LOBES, c)
    ),
    "lungmask-lobes-fused": Method(
        (lungmask.LOBES, lungmask.R231), LOBES, lungmask.segment_lobes_fused
    ),
    "monai-lobes": Method(
        (whole_body.FINE,), LOBES, lambda s, c: whole_body.segment_lobes(s, whole_body.FINE, c)
    ),
    "monai-lobes-3mm": Method(
        (whole_body.COARSE,), LOBES, lambda s, c: whole_body.segment_lobes(s, whole_body.COARSE, c)
    ),
}


def run_public(source: Volume, name: str, ctx: RunContext) -> Findings:
    """Label map and measurements by one of `METHODS`, for a CT in canonical axis order."""
    method = METHODS[name]
    labels = method.run(source, ctx)
    return findings(source, labels, method.labels, ctx)
