"""`Params`: what a reader can set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from medview.api import param


@dataclass(frozen=True)
class Params:
    """Parameters of the detection."""

    method: Literal["embedded", "monai-retinanet"] = param(
        "embedded",
        label="Method",
        help="Embedded needs nothing else. The other is MONAI lung_nodule_ct_detection, whose "
        "weights are installed apart (medview weights); without a GPU it takes very long.",
    )
    min_diameter_mm: float = param(
        4.0,
        label="Smallest diameter",
        help="Candidates whose mean of long and short axis is smaller are left out.",
        unit="mm",
        low=3.0,
        high=30.0,
    )
    score_threshold: float = param(
        0.73,
        label="Score threshold",
        help="Candidates with a lower score are left out. The score is not a probability.",
        low=0.05,
        high=0.99,
    )
    max_findings: int = param(
        100,
        label="At most",
        help="Only so many findings are reported, the highest scores first. The score threshold "
        "alone keeps their number low; this is for scans full of disease.",
        low=1,
        high=200,
    )
