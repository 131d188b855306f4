"""`Comparison`: the metrics of one evaluation, and what must be known to read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medview.evaluate.metric import Metric

SCHEMA = "medview.evaluate/1"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What ``medview evaluate`` tells.

    Attributes
    ----------
    metrics : mapping of str to Metric
        In the order to show them.
    notes : tuple of str
        Sentences on what was left out or taken on trust.
    """

    metrics: Mapping[str, Metric]
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As ``medview evaluate --json`` prints it."""
        return {
            "schema": SCHEMA,
            "metrics": {name: metric.as_json() for name, metric in self.metrics.items()},
            "notes": list(self.notes),
        }


def listed(names: list[str], most: int = 5) -> str:
    """Some names for a sentence, and how many more there are."""
    shown = ", ".join(f"'{name}'" for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
