"""`Params`: what a reader can set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from medview.api import param

EMBEDDED = ("fused", "classical", "network")
"""Methods that need nothing installed."""


@dataclass(frozen=True)
class Params:
    """Parameters of the segmentation."""

    method: Literal[
        "fused",
        "classical",
        "network",
        "lungmask-r231",
        "lungmask-r231-covid",
        "lungmask-lobes",
        "lungmask-lobes-fused",
        "monai-lobes",
        "monai-lobes-3mm",
    ] = param(
        "fused",
        label="Method",
        help="Classical starts from air and leaves out dense disease; the network was trained to "
        "include it; fused joins both. The others are public networks whose weights are "
        "installed apart (medview weights); what follows below does not concern them.",
    )
    threshold_hu: float = param(
        -400.0,
        label="Air threshold",
        help="Voxels below this value can be lung; dense disease lies above it.",
        unit="HU",
        low=-700.0,
        high=-150.0,
    )
    closing_mm: float = param(
        10.0,
        label="Closing radius",
        help="Notches of the lungs' outline narrower than twice this are filled, so that "
        "vessels and nodules at the pleura belong to the lung. 0 fills none.",
        unit="mm",
        low=0.0,
        high=25.0,
    )
    include_airways: bool = param(
        True,
        label="Airways as third structure",
        help="Show windpipe and main bronchi, which are never part of a lung.",
    )
