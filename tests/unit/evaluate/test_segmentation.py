"""Segmentation metrics against values worked out by hand on boxes."""

from __future__ import annotations

import numpy as np
import pytest

from medview.core.errors import UsageError
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.evaluate.segmentation import compare_labels, compare_masks, summarise

AXES = np.array([(0, 0, 1), (0, 1, 0), (1, 0, 0)], dtype=float)
GRID = Grid((20, 20, 20), compose((0, 0, 0), AXES, (2.0, 1.0, 0.5)), "frame")


def box(start: int, stop: int) -> np.ndarray:
    mask = np.zeros(GRID.shape, dtype=bool)
    mask[start:stop, 5:15, 5:15] = True
    return mask


def test_overlap_of_two_shifted_boxes_is_what_counting_gives() -> None:
    result = compare_masks(box(4, 14), box(6, 16), GRID)
    assert result["dice"] == pytest.approx(0.8)
    assert result["iou"] == pytest.approx(8 / 12)
    assert result["volume_error_percent"] == pytest.approx(0)


def test_the_distance_of_shifted_boxes_is_in_millimetres_of_the_shifted_axis() -> None:
    assert compare_masks(box(4, 14), box(6, 16), GRID)["hd95_mm"] == pytest.approx(4.0)


def test_equal_masks_are_perfect() -> None:
    result = compare_masks(box(4, 14), box(4, 14), GRID)
    assert result["dice"] == 1
    assert result["hd95_mm"] == 0
    assert result["surface_dice_2mm"] == pytest.approx(1)


def test_a_shift_of_one_voxel_within_two_millimetres_keeps_surface_dice_at_one() -> None:
    near = compare_masks(box(4, 14), box(5, 15), GRID)["surface_dice_2mm"]
    far = compare_masks(box(4, 14), box(8, 18), GRID)["surface_dice_2mm"]
    assert near == pytest.approx(1, abs=0.01)
    assert far is not None
    assert far < 0.9


def test_two_empty_masks_agree_and_have_no_distance() -> None:
    nothing = np.zeros(GRID.shape, dtype=bool)
    result = compare_masks(nothing, nothing, GRID)
    assert result["dice"] == 1
    assert result["hd95_mm"] is None


def test_labels_are_renamed_before_they_are_compared() -> None:
    prediction = np.where(box(2, 8), 1, 0) + np.where(box(10, 16), 2, 0)
    reference = np.where(box(2, 8), 3, 0) + np.where(box(10, 16), 2, 0)
    result = compare_labels(prediction, reference, GRID, rename={3: 1})
    assert result["dice:1"] == 1
    assert result["dice:2"] == 1


def test_a_swap_of_labels_is_not_undone_by_chained_renaming() -> None:
    prediction = np.where(box(2, 8), 1, 0) + np.where(box(10, 16), 2, 0)
    reference = np.where(box(2, 8), 2, 0) + np.where(box(10, 16), 1, 0)
    result = compare_labels(prediction, reference, GRID, rename={1: 2, 2: 1})
    assert result["dice:1"] == result["dice:2"] == 1


def test_merged_labels_are_one_structure() -> None:
    prediction = np.where(box(2, 8), 1, 0)
    reference = np.where(box(2, 5), 4, 0) + np.where(box(5, 8), 7, 0)
    assert compare_labels(prediction, reference, GRID, merge=True)["dice"] == 1


def test_masks_of_different_shape_are_refused() -> None:
    with pytest.raises(UsageError, match="one grid"):
        compare_masks(box(0, 3), np.zeros((2, 2, 2), dtype=bool), GRID)


def test_a_mean_over_cases_counts_only_cases_where_the_metric_is_defined() -> None:
    summary = summarise([{"hd95_mm": 2.0}, {"hd95_mm": None}, {"hd95_mm": 4.0}])
    assert summary["hd95_mm"].value == 3
    assert summary["hd95_mm"].n == 2
    assert summary["hd95_mm"].low is not None
    assert 2 <= summary["hd95_mm"].low <= 3
