"""A body that is turned in space together with its voxels: same numbers, other directions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from medview.core.findings.base import Finding, Findings
from medview.core.findings.detections import Detections
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import LabelMap
from medview.core.geometry.affine import transform
from medview.core.geometry.grid import Grid
from medview.core.geometry.orient import canonical_order
from medview.testing.conformance.samples import turned

_ABOUT_HEAD_DEG, _ABOUT_SIDE_DEG = 35.0, 30.0
"""Far enough that a place which leaves the directions out is wrong by a third of its distance
from the middle or more, and near enough that each axis stays the nearest to its own direction."""


def turned_about_two_axes(grid: Grid) -> Grid:
    """The samples turned about the middle, around the body and to its side.

    A model receives the axes of both grids in the same order. Where the grid lies obliquely
    itself, this takes turning it back.
    """
    order = canonical_order(grid)
    return next((each for each in _turns(grid) if canonical_order(each) == order), grid)


def brought_back(findings: Findings, made_on: Grid, to: Grid) -> Findings:
    """Findings of a turned body at the places where they are when it is turned back.

    Parameters
    ----------
    findings : Findings
    made_on, to : Grid
        The same voxels, turned and not.
    """
    back = to.index_to_lps @ made_on.lps_to_index

    def placed(item: Finding) -> Finding:
        if isinstance(item, LabelMap | Heatmap) and item.grid is not None:
            grid = item.grid
            there = Grid(grid.shape, back @ grid.index_to_lps, grid.frame_of_reference)
            return replace(item, grid=there)
        if isinstance(item, Detections):
            return replace(
                item,
                items=tuple(
                    replace(each, centre=tuple(map(float, transform(back, each.centre))))
                    for each in item.items
                ),
            )
        return item

    return findings.with_items(tuple(placed(item) for item in findings.items))


def with_room(grid: Grid) -> Grid:
    """The same samples and more around them, at the ends more than at the starts.

    Nothing of importance is cut off at the corners of a turned grid, and what lies in the
    middle of the one lies beside the middle of the other.
    """
    before, after = ([int(np.ceil(part * n)) for n in grid.shape] for part in (1 / 8, 3 / 8))
    matrix = np.array(grid.index_to_lps)
    matrix[:3, 3] = grid.to_lps([-n for n in before])
    k, j, i = (b + n + a for b, n, a in zip(before, grid.shape, after, strict=True))
    return Grid((k, j, i), matrix, grid.frame_of_reference)


def _turns(grid: Grid) -> Iterator[Grid]:
    for one in (_ABOUT_HEAD_DEG, -_ABOUT_HEAD_DEG):
        for two in (_ABOUT_SIDE_DEG, -_ABOUT_SIDE_DEG):
            yield turned(turned(grid, one), two, axis=0)
