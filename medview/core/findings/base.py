"""`Findings`: the bundle of results that one run of one model returns."""

from __future__ import annotations

from dataclasses import dataclass

from medview.core.findings.detections import Detections
from medview.core.findings.grades import Grades
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import LabelMap
from medview.core.findings.measurements import Measurements
from medview.core.findings.provenance import Provenance
from medview.core.findings.tiles import TileScores

Finding = LabelMap | Heatmap | Detections | Grades | TileScores | Measurements

FINDING_TYPES: dict[type, str] = {
    LabelMap: "labelmap",
    Heatmap: "heatmap",
    Detections: "detections",
    Grades: "grades",
    TileScores: "tile_scores",
    Measurements: "measurements",
}
"""The closed set of API v1 and the names used in findings.json."""


@dataclass(frozen=True, eq=False, slots=True, init=False)
class Findings:
    """Results of one run.

    Parameters
    ----------
    *items : Finding
        In the order to show them.
    provenance : Provenance, optional
        Left out by plugins; the host fills it in.
    """

    items: tuple[Finding, ...]
    provenance: Provenance | None

    def __init__(self, *items: Finding, provenance: Provenance | None = None) -> None:
        object.__setattr__(self, "items", tuple(items))
        object.__setattr__(self, "provenance", provenance)

    def with_items(self, items: tuple[Finding, ...]) -> Findings:
        """Other items, same provenance."""
        return Findings(*items, provenance=self.provenance)

    def with_provenance(self, provenance: Provenance) -> Findings:
        """Same items, with provenance."""
        return Findings(*self.items, provenance=provenance)


__all__ = ["FINDING_TYPES", "Finding", "Findings"]
