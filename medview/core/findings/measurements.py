"""`Measurements`: a table of named quantities about the whole source."""

from __future__ import annotations

from dataclasses import dataclass

from medview.core.findings.detections import Quantity


@dataclass(frozen=True, slots=True)
class Measurements:
    """Named quantities with units."""

    name: str
    items: tuple[Quantity, ...]
