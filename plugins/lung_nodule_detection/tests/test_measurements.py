"""Every reported number against bodies whose size, density and place are known."""

from __future__ import annotations

import numpy as np
import pytest
from medview_lung_nodule_detection.measure import NoduleNumbers, measured
from medview_lung_nodule_detection.outline import outlined
from medview_lung_nodule_detection.working import Working, working_copy
from numpy.typing import NDArray

from plugins.lung_nodule_detection.tests.blobs import (
    SHAPE,
    ball,
    coordinates,
    lung_block,
    source_of,
    working_of,
)

CENTRE = (36.0, 35.4, 36.3)


def numbers_of(
    hu: NDArray[np.float64], diameter: float, work: Working | None = None
) -> NoduleNumbers:
    source = source_of(hu)
    work = work or working_of(source)
    index = work.from_source(np.array(CENTRE))
    outline = outlined(source, work, index, diameter)
    assert outline is not None
    return measured(outline, work, index)


def within(hu: NDArray[np.float64], lungs: NDArray[np.uint8]) -> Working:
    work = working_copy(source_of(hu), lungs, lambda: None)
    assert work is not None
    return work


def test_long_and_short_axis_of_an_ellipsoid() -> None:
    hu = lung_block()
    k, j, i = coordinates(CENTRE)
    radius = np.sqrt((k / 6) ** 2 + (j / 6) ** 2 + (i / 10) ** 2)
    share = np.clip(0.5 - (radius - 1) * 7, 0, 1)
    hu += share * (40 - hu)
    n = numbers_of(hu, 14.0)
    assert n.long_mm == pytest.approx(20.0, abs=1.2)
    assert n.short_mm == pytest.approx(12.0, abs=1.0)
    assert n.mean_diameter_mm == pytest.approx((n.long_mm + n.short_mm) / 2)
    assert n.volume_mm3 == pytest.approx(np.pi / 6 * 12 * 12 * 20, rel=0.12)


@pytest.mark.parametrize(("value", "composition"), [(45.0, "solid"), (-580.0, "ground-glass")])
def test_mean_density_is_that_of_the_body(value: float, composition: str) -> None:
    hu = lung_block()
    ball(hu, CENTRE, 20.0, value)
    n = numbers_of(hu, 20.0)
    # The rim, a voxel wide, is shared with the lung.
    assert n.mean_hu == pytest.approx(value, abs=0.12 * (value + 850))
    assert n.composition == composition


def test_a_core_in_ground_glass_makes_it_part_solid() -> None:
    hu = lung_block()
    ball(hu, CENTRE, 18.0, -580.0)
    ball(hu, CENTRE, 10.0, 30.0)
    assert numbers_of(hu, 18.0).composition == "part-solid"


def test_soft_tissue_is_not_called_calcified_and_a_dense_core_is() -> None:
    hu = lung_block()
    ball(hu, CENTRE, 14.0, 60.0)
    assert numbers_of(hu, 14.0).calcified_percent == 0
    ball(hu, CENTRE, 10.0, 600.0)
    assert numbers_of(hu, 14.0).calcified_percent >= 25


@pytest.mark.parametrize("gap", [0.0, 3.0, 8.0, 15.0])
def test_distance_to_the_pleura_is_the_gap_between_surface_and_wall(gap: float) -> None:
    hu, diameter = lung_block(), 10.0
    wall = CENTRE[2] - diameter / 2 - gap
    _, _, i = coordinates((0.0, 0.0, 0.0))
    hu += np.clip(wall - i + 0.5, 0, 1) * (40 - hu)
    ball(hu, CENTRE, diameter, 40.0)
    lungs = np.where(i >= wall, 1, 0).astype(np.uint8)
    n = numbers_of(hu, diameter, within(hu, lungs))
    assert n.pleura_mm is not None
    assert n.pleura_mm == pytest.approx(gap, abs=1.0)


def test_far_from_any_pleura_no_distance_is_given() -> None:
    hu = lung_block()
    ball(hu, CENTRE, 6.0, 40.0)
    assert numbers_of(hu, 6.0).pleura_mm is None


@pytest.mark.parametrize(("first", "side"), [(1, "right"), (2, "left")])
def test_the_side_is_that_of_the_lung_it_lies_in(first: int, side: str) -> None:
    hu = lung_block()
    ball(hu, CENTRE, 10.0, 40.0)
    lungs = np.full(SHAPE, first, dtype=np.uint8)
    lungs[:, :, 60:] = 3 - first
    assert numbers_of(hu, 10.0, within(hu, lungs)).side == side
