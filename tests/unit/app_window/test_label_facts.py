"""Sizes and places of structures, against arrays made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from medview.app.label_facts import label_facts
from medview.core.findings.labelmap import Label, LabelMap
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid

GRID = Grid((4, 9, 9), compose((10.0, 20.0, 30.0), np.eye(3)[:, ::-1], (5.0, 1.0, 2.0)))
LABELS = (
    Label(1, "block", (255, 0, 0)),
    Label(2, "horseshoe", (0, 255, 0)),
    Label(3, "nothing", (0, 0, 255)),
)


def example() -> LabelMap:
    array = np.zeros((4, 9, 9), np.uint8)
    array[1, 2:5, 3:6] = 1
    array[2, 3, 4] = 1
    array[3, 0:8, 0] = array[3, 0:8, 8] = array[3, 0, :] = 2
    return LabelMap("made by hand", array, LABELS, GRID)


def test_volumes_are_counts_times_the_voxel_volume() -> None:
    block, horseshoe, nothing = label_facts(example())
    assert block.voxels == 10
    assert block.volume_ml == pytest.approx(10 * 10.0 / 1000)
    assert horseshoe.voxels == 8 + 8 + 7
    assert nothing.volume_ml == 0.0


def test_the_place_to_jump_to_is_the_middle_of_the_largest_slice() -> None:
    block = label_facts(example())[0]
    assert block.inside_lps_mm == pytest.approx((10 + 4 * 2.0, 20 + 3 * 1.0, 30 + 1 * 5.0))


def test_the_place_to_jump_to_lies_inside_a_bent_structure() -> None:
    item = example()
    horseshoe = label_facts(item)[1]
    assert horseshoe.inside_lps_mm is not None
    index = tuple(np.round(GRID.to_index(horseshoe.inside_lps_mm)).astype(int))
    assert item.array[index] == 2


def test_an_empty_structure_has_no_place() -> None:
    assert label_facts(example())[2].inside_lps_mm is None


def test_on_an_image_there_are_pixels_and_no_millilitres() -> None:
    array = np.zeros((4, 4), np.uint8)
    array[0] = 1
    [fact] = label_facts(LabelMap("on a photograph", array, LABELS[:1]))
    assert (fact.voxels, fact.volume_ml, fact.inside_lps_mm) == (4, None, None)
