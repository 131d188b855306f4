from __future__ import annotations

import numpy as np
import pytest

from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid

pytestmark = pytest.mark.torch

BOX = np.array([[10, 10, 10, 20, 22, 30]], dtype=np.float32)


def _placed(grid: Grid) -> tuple[tuple[float, ...], tuple[float, ...]]:
    from medview.inference.boxes import placed

    (found,) = placed(BOX, np.array([0.9], np.float32), np.array([0]), grid)
    return found.box.centre_lps_mm, found.box.size_mm


def _turned(degrees: float) -> Grid:
    a = np.deg2rad(degrees)
    turn = [[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]]
    return Grid((50, 50, 50), compose((0, 0, 0), turn, (1, 1, 1)))


def test_a_box_along_the_patients_axes_keeps_its_edges() -> None:
    centre, size = _placed(_turned(0))

    assert centre == pytest.approx((15, 16, 20))
    assert size == pytest.approx((10, 12, 20))


@pytest.mark.parametrize("degrees", [30, 45, 120, 300])
def test_a_box_of_a_turned_scan_holds_all_eight_corners_of_what_was_found(degrees: float) -> None:
    a = np.deg2rad(degrees)
    c, s = abs(np.cos(a)), abs(np.sin(a))

    centre, size = _placed(_turned(degrees))

    assert centre == pytest.approx(_turned(degrees).to_lps((15, 16, 20)))
    assert size == pytest.approx((10 * c + 12 * s, 10 * s + 12 * c, 20))
