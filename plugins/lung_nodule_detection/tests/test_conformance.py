"""The model keeps the contract that every model must keep."""

from __future__ import annotations

from medview.api import Grid, Volume
from medview.testing import conformance
from medview.testing.phantoms import PhantomNodule, ThoraxAnatomy, thorax, thorax_grid

SMALL = ThoraxAnatomy(size=0.6, vessel_tips=40)
"""The search is on voxels of 1 mm, so that a run takes as long as the chest is large."""
GRID = thorax_grid((3.0, 2.0, 2.0), field_of_view_mm=(200.0, 220.0, 240.0))


def small_chest(grid: Grid) -> Volume:
    nodule = PhantomNodule((45.0, 10.0, 10.0), 22.0)
    made = thorax(grid, anatomy=SMALL, nodules=(nodule,), supersample=(2, 2, 2), noise_hu=5.0)
    return made.volume


@conformance.checks("lung-nodule-detection", sample=small_chest, grid=GRID)
def test_it_keeps_the_contract(result: conformance.CheckResult) -> None:
    assert result.passed, result.words
