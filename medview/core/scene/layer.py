"""A finding that is shown, and its appearance."""

from __future__ import annotations

from dataclasses import dataclass, field

from medview.core.findings.base import Finding
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
    """

    visible: bool = True
    opacity: float = 0.35
    hidden_labels: frozenset[int] = field(default_factory=frozenset)
    threshold: float = 0.0
    selected: str | None = None


class Layer(Observable[LayerState]):
    """One finding in the scene.

    Attributes
    ----------
    id : str
        Unique in the scene.
    source_id : str
        The open source it belongs to.
    finding : Finding
    provenance : Provenance or None
    """

    def __init__(
        self,
        id: str,  # noqa: A002
        source_id: str,
        finding: Finding,
        provenance: Provenance | None = None,
        state: LayerState | None = None,
    ) -> None:
        super().__init__(state or LayerState())
        self.id = id
        self.source_id = source_id
        self.finding = finding
        self.provenance = provenance
