"""Run the model directly, and compare masks."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import medview_lung_segmentation as plugin
import numpy as np
from medview_lung_segmentation.network.model import WEIGHTS
from numpy.typing import NDArray

from medview.api import LabelMap, Measurements, Volume
from medview.core.geometry.orient import canonical_order
from medview.testing.context import CollectingContext

RIGHT, LEFT, AIRWAYS = 1, 2, 3


def context(cancel_after: int | None = None) -> CollectingContext:
    """A run context that finds the weights which ship with the plugin."""
    path = Path(str(resources.files(plugin))) / "weights" / WEIGHTS
    return CollectingContext(weights={WEIGHTS: path}, cancel_after=cancel_after)


@dataclass(frozen=True)
class Outcome:
    labels: NDArray[np.generic]
    numbers: dict[str, float]
    warnings: dict[str, str]
    context: CollectingContext

    @property
    def lungs(self) -> NDArray[np.bool_]:
        return np.isin(self.labels, (RIGHT, LEFT))


def run(
    volume: Volume, params: plugin.Params | None = None, ctx: CollectingContext | None = None
) -> Outcome:
    """Run on a volume of any axis order, as the host would."""
    ctx = ctx or context()
    order = canonical_order(volume.grid)
    result = plugin.run(volume.reordered(order), params or plugin.Params(), ctx)
    labelmap, measurements = result.items
    assert isinstance(labelmap, LabelMap)
    assert isinstance(measurements, Measurements)
    return Outcome(
        order.undo(labelmap.array),
        {q.name: float(q.value) for q in measurements.items},
        {w.code: w.message for w in ctx.warnings},
        ctx,
    )


def dice(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    total = int(np.count_nonzero(a)) + int(np.count_nonzero(b))
    return 2 * int(np.count_nonzero(a & b)) / max(1, total)
