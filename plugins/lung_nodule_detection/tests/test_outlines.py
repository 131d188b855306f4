"""Outlines of analytic bodies have the analytic size, density and composition."""

from __future__ import annotations

import numpy as np
import pytest
from medview_lung_nodule_detection.measure import NoduleNumbers, axes_mm, measured
from medview_lung_nodule_detection.outline import compactness, outlined, painted

from plugins.lung_nodule_detection.tests.blobs import ball, lung_block, rod, source_of, working_of

CENTRE = (36.0, 35.4, 36.3)


def numbers_of(hu: np.ndarray, diameter: float) -> NoduleNumbers:
    source = source_of(hu)
    work = working_of(source)
    outline = outlined(source, work, np.array(CENTRE), diameter)
    assert outline is not None
    return measured(outline, work, np.array(CENTRE))


@pytest.mark.parametrize("diameter", [6.0, 8.0, 14.0, 26.0])
def test_axes_and_volume_of_a_solid_ball(diameter: float) -> None:
    hu = lung_block()
    ball(hu, CENTRE, diameter, 30.0)
    n = numbers_of(hu, diameter)
    assert n.long_mm == pytest.approx(diameter, rel=0.04, abs=0.8)
    assert n.short_mm == pytest.approx(diameter, rel=0.04, abs=0.8)
    assert n.volume_mm3 == pytest.approx(np.pi / 6 * diameter**3, rel=0.12)
    assert n.composition == "solid"
    assert n.calcified_percent == 0


def test_a_wrong_scale_does_not_change_the_size() -> None:
    hu = lung_block()
    ball(hu, CENTRE, 12.0, 30.0)
    for scale in (9.0, 12.0, 16.0):
        assert numbers_of(hu, scale).mean_diameter_mm == pytest.approx(12.0, abs=0.8)


def test_a_vessel_that_enters_a_nodule_is_left_out() -> None:
    hu = lung_block()
    ball(hu, CENTRE, 14.0, 40.0)
    rod(hu, CENTRE, 4.0)
    n = numbers_of(hu, 14.0)
    assert n.volume_mm3 == pytest.approx(np.pi / 6 * 14**3, rel=0.2)


def test_ground_glass_is_told_from_part_solid() -> None:
    glass = lung_block()
    ball(glass, CENTRE, 14.0, -580.0)
    assert numbers_of(glass, 14.0).composition == "ground-glass"
    ball(glass, CENTRE, 7.0, 20.0)
    mixed = numbers_of(glass, 14.0)
    assert mixed.composition == "part-solid"
    assert mixed.mean_diameter_mm == pytest.approx(14.0, abs=1.5)


def test_a_calcified_core_is_hinted_at() -> None:
    hu = lung_block()
    ball(hu, CENTRE, 12.0, 40.0)
    ball(hu, CENTRE, 8.0, 500.0)
    assert numbers_of(hu, 12.0).calcified_percent > 10


def test_axes_of_a_plane_ellipse() -> None:
    j, i = np.mgrid[-60:61, -60:61] * 0.25
    tilted = (0.8 * i + 0.6 * j) ** 2 / 10**2 + (0.8 * j - 0.6 * i) ** 2 / 6**2 <= 1
    long_mm, short_mm = axes_mm(tilted, 0.25)
    assert long_mm == pytest.approx(20.0, abs=0.4)
    assert short_mm == pytest.approx(12.0, abs=0.4)


def test_painting_fills_the_voxels_of_the_source_and_spares_other_nodules() -> None:
    hu = lung_block()
    ball(hu, CENTRE, 10.0, 30.0)
    source = source_of(hu)
    outline = outlined(source, working_of(source), np.array(CENTRE), 10.0)
    assert outline is not None
    labels = np.zeros(hu.shape, dtype=np.uint8)
    labels[:, :, :34] = 7
    box = painted(outline, labels, 1, source.grid.spacing_mm)
    assert box is not None
    start, stop = box
    assert start[2] == 34
    assert stop[0] - start[0] == pytest.approx(10, abs=1)
    assert (labels[:, :, :34] == 7).all()


def test_nothing_is_outlined_in_even_lung() -> None:
    source = source_of(lung_block())
    assert outlined(source, working_of(source), np.array(CENTRE), 8.0) is None


def grid_of(*edges: int) -> np.ndarray:
    return np.stack(np.meshgrid(*(np.arange(n) - (n - 1) / 2 for n in edges), indexing="ij"))


def test_every_ellipsoid_is_compact_however_it_lies() -> None:
    z, y, x = grid_of(61, 61, 61)
    turned = (x + y) / np.sqrt(2), (x - y) / np.sqrt(2)
    body = (z / 12) ** 2 + (turned[0] / 25) ** 2 + (turned[1] / 8) ** 2 <= 1
    assert compactness(body) == pytest.approx(1.0, abs=0.03)


def test_a_pair_of_vessels_is_not_compact() -> None:
    z, y, x = grid_of(41, 41, 41)
    rods = (np.hypot(y - 8, x) <= 2) | (np.hypot(y + 8, x) <= 2)
    assert compactness(rods & (np.abs(z) < 14)) < 0.5


def test_a_flat_body_has_a_compactness_too() -> None:
    _, y, x = grid_of(1, 21, 21)
    assert 0.5 < compactness(np.hypot(y, x) <= 9) < 1.5
