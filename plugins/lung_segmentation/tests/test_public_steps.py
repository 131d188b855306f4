"""The steps around lungmask's network, on cases with a known answer."""

from __future__ import annotations

import numpy as np
from medview_lung_segmentation.public.regions import tidied
from medview_lung_segmentation.public.slices import body_box, put_back, seen


def nothing() -> None:
    """Where a run would be cancelled."""


def test_the_body_is_cut_out_and_the_table_is_not() -> None:
    plane = np.full((512, 512), -1000, dtype=np.int16)
    plane[100:400, 60:460] = 40
    plane[470:480, 20:500] = 200  # a table, apart from the body
    rows, columns = body_box(plane)
    # Found on pixels four times as wide.
    assert abs(rows.start - 100) <= 4
    assert abs(rows.stop - 400) <= 4
    assert abs(columns.start - 60) <= 4
    assert abs(columns.stop - 460) <= 4


def test_a_slice_without_body_is_seen_whole() -> None:
    plane = np.full((300, 400), -1000, dtype=np.int16)
    image, box = seen(plane)
    assert box == (slice(0, 300), slice(0, 400))
    assert image.shape == (256, 256)
    np.testing.assert_allclose(image, 24 / 1624, atol=1e-6)


def test_values_run_from_air_to_contrast_as_zero_to_one() -> None:
    plane = np.full((256, 256), -3000, dtype=np.int16)
    plane[64:192, 64:192] = 3000
    plane[100:150, 100:150] = -3000
    image, _ = seen(plane)
    assert image.min() == 0.0
    assert image.max() == 1.0


def test_a_mask_returns_to_the_box_it_came_from() -> None:
    mask = np.zeros((256, 256), dtype=np.uint8)
    mask[128:] = 2
    back = put_back(mask, (slice(100, 200), slice(50, 250)), (512, 512))
    # The resizing that lungmask uses may lose the outermost row and column.
    assert (back[150:199, 50:249] == 2).all()
    assert 49 * 199 <= np.count_nonzero(back) <= 50 * 200


def test_a_piece_goes_to_the_neighbour_that_it_touches_most() -> None:
    labels = np.zeros((12, 20, 20), dtype=np.uint8)
    labels[2:10, 2:10, 2:10] = 1
    labels[2:10, 2:10, 10:18] = 2
    labels[5:7, 5:7, 2:4] = 2  # inside 1: no second lung
    expected = labels.copy()
    expected[5:7, 5:7, 2:4] = 1
    np.testing.assert_array_equal(tidied(labels, nothing), expected)


def test_a_lone_piece_is_dropped_and_holes_are_filled() -> None:
    labels = np.zeros((12, 20, 20), dtype=np.uint8)
    labels[2:10, 2:12, 2:12] = 1
    labels[5, 6, 6] = 0
    labels[3:5, 16:18, 16:18] = 1
    expected = np.zeros_like(labels)
    expected[2:10, 2:12, 2:12] = 1
    np.testing.assert_array_equal(tidied(labels, nothing), expected)


def test_what_belongs_to_nobody_is_given_to_its_neighbours() -> None:
    labels = np.zeros((12, 20, 30), dtype=np.uint8)
    labels[2:10, 2:10, 2:10] = 1
    labels[2:10, 2:10, 10:13] = 6  # at 1
    labels[2:10, 2:10, 20:24] = 2
    labels[2:10, 14:18, 20:24] = 6  # at nothing
    out = tidied(labels, nothing, unassigned=6)
    assert (out[2:10, 2:10, 2:13] == 1).all()
    assert (out[2:10, 2:10, 20:24] == 2).all()
    assert not (out == 6).any()
    assert not out[:, 14:].any()


def test_a_single_slice_keeps_large_holes() -> None:
    labels = np.zeros((1, 60, 60), dtype=np.uint8)
    labels[0, 5:55, 5:55] = 1
    labels[0, 10:13, 10:13] = 0
    labels[0, 20:40, 20:40] = 0
    out = tidied(labels, nothing)
    assert (out[0, 10:13, 10:13] == 1).all()
    assert not out[0, 20:40, 20:40].any()


def test_empty_labels_stay_empty() -> None:
    assert not tidied(np.zeros((3, 8, 8), dtype=np.uint8), nothing).any()
