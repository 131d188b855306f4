"""A finding, or graphics of a file, that is shown; and its appearance."""

from __future__ import annotations

from dataclasses import dataclass, field

from medview.core.data.overlay import OverlayGraphics
from medview.core.findings.base import Finding
from medview.core.findings.labelmap import Rgb
from medview.core.findings.provenance import Provenance
from medview.core.scene.observable import Observable


@dataclass(frozen=True, slots=True)
class LayerState:
    """Appearance of a layer.

    Attributes
    ----------
    visible : bool
    opacity : float
        0..1, of the fill; outlines stay solid.
    hidden_labels : frozenset of int
        Label values not drawn (label maps).
    threshold : float
        Detections below this score, or heatmap values below it, are not drawn.
    selected : str or None
        Id of the detection under attention.
    rgb : (int, int, int) or None
        Colour that the reader chose, where there is only one; None for the first one.
    """

    visible: bool = True
    opacity: float = 0.35
    hidden_labels: frozenset[int] = field(default_factory=frozenset)
    threshold: float = 0.0
    selected: str | None = None
    rgb: Rgb | None = None


class Layer(Observable[LayerState]):
    """One finding, or the graphics of a file, in the scene.

    Attributes
    ----------
    id : str
        Unique in the scene.
    source_id : str
        The open source it belongs to.
    finding : Finding or OverlayGraphics
    provenance : Provenance or None
    time : int or None
        Time point that it belongs to; None where its provenance tells, or where it holds for all.
    """

    def __init__(
        self,
        id: str,  # noqa: A002
        source_id: str,
        finding: Finding | OverlayGraphics,
        provenance: Provenance | None = None,
        state: LayerState | None = None,
        time: int | None = None,
    ) -> None:
        super().__init__(state or LayerState())
        self.id = id
        self.source_id = source_id
        self.finding = finding
        self.provenance = provenance
        self.time = time
