"""The model keeps the contract that every model must keep."""

from __future__ import annotations

import numpy as np

from medview.api import Grid, Intensity, SourceInfo, Volume
from medview.testing import conformance
from medview.testing.phantoms import axial_grid
from medview.testing.phantoms.painter import Canvas
from medview.testing.phantoms.solids import ball, box

GRID = axial_grid((43, 46, 62), (2.9, 2.6, 2.6))


def one_nodule(grid: Grid) -> Volume:
    """Two small bare lungs, with little in them to be looked at, and a solid ball of 14 mm."""
    canvas = Canvas(grid)
    canvas.paint(box((0.0, 0.0, 0.0), (85.0, 65.0, 400.0)), 40.0)
    for x in (-38.0, 38.0):
        canvas.paint(box((x, 0.0, 0.0), (28.5, 38.0, 48.0), 12.0), -850.0)
    canvas.paint(ball((36.0, 6.0, 6.0), 7.0), 30.0)
    info = SourceInfo("volume", "CT", Intensity.HOUNSFIELD, body_part="CHEST")
    return Volume(np.rint(canvas.hu).astype(np.int16), grid, info)


@conformance.checks("lung-nodule-detection", sample=one_nodule, grid=GRID)
def test_it_keeps_the_contract(result: conformance.CheckResult) -> None:
    assert result.passed, result.words
