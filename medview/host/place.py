"""Bring results of a model from the canonical axis order back onto the source's own grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from medview.core.data.volume import Volume, frozen_array
from medview.core.findings.base import Finding, Findings
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import LabelMap
from medview.core.geometry.grid import Grid, same_sampling
from medview.core.geometry.orient import AxisOrder


def on_source_grid(
    findings: Findings, handed: Volume, source: Volume, order: AxisOrder
) -> Findings:
    """Checked findings with every array on the source's grid, or on a grid of its own.

    Parameters
    ----------
    findings : Findings
        Already free of `medview.core.findings.checks.problems`.
    handed : Volume
        What the model received.
    source : Volume
        What was opened; `order` applied to it gives `handed`.
    order : AxisOrder

    Notes
    -----
    Detections lie in LPS millimetres, which no axis order touches. Axes are
    permuted and flipped only, so nothing is interpolated.
    """
    return findings.with_items(tuple(_placed(i, handed, source, order) for i in findings.items))


def _placed(item: Finding, handed: Volume, source: Volume, order: AxisOrder) -> Finding:
    if isinstance(item, LabelMap):
        return replace(item, array=_back(item.array, order), grid=source.grid)
    if isinstance(item, Heatmap):
        if _lies_on(item.grid, handed):
            return replace(item, array=_back(item.array, order), grid=source.grid)
        return replace(item, array=frozen_array(item.array))
    return item


def _lies_on(grid: Grid | None, handed: Volume) -> bool:
    # The checks have refused other frames, so equal sampling is equal place.
    return grid is None or same_sampling(grid, handed.grid)


def _back(array: NDArray[np.generic], order: AxisOrder) -> NDArray[np.generic]:
    return frozen_array(order.undo(array))
