"""Balls of known place and size are found where they are; rods count for less."""

from __future__ import annotations

import numpy as np
import pytest
from medview_lung_nodule_detection.candidates import Candidate, distinct, find_candidates

from plugins.lung_nodule_detection.tests.blobs import ball, lung_block, rod, source_of, working_of


def search(hu: np.ndarray, lungs: np.ndarray | None = None) -> list[Candidate]:
    mask = np.ones(hu.shape, dtype=bool) if lungs is None else lungs
    return find_candidates(hu.astype(np.float32), mask, np.ones(hu.shape, bool), lambda _: None)


@pytest.mark.parametrize("diameter", [4.0, 6.0, 10.0, 16.0, 24.0, 30.0])
def test_a_ball_is_the_strongest_candidate_at_its_centre_and_of_its_size(diameter: float) -> None:
    hu, centre = lung_block(), (34.3, 36.2, 38.4)
    ball(hu, centre, diameter, 30.0)
    best = search(hu)[0]
    assert np.linalg.norm(np.subtract(best.index, centre)) < max(1.2, 0.12 * diameter)
    assert best.diameter_mm == pytest.approx(diameter, rel=0.35)
    assert best.roundness > 0.8


def test_faint_ground_glass_is_found() -> None:
    hu = lung_block()
    ball(hu, (36, 36, 36), 9.0, -600.0)
    assert np.linalg.norm(np.subtract(search(hu)[0].index, 36)) < 2


def test_a_ball_on_the_wall_is_found_although_the_wall_is_as_bright() -> None:
    hu = lung_block()
    hu[:, :20] = 40
    ball(hu, (36, 23, 36), 10.0, 40.0)
    lungs = np.ones(hu.shape, dtype=bool)
    lungs[:, :20] = False
    distances = [np.linalg.norm(np.subtract(c.index, (36, 23, 36))) for c in search(hu, lungs)]
    assert min(distances) < 4


def test_a_rod_ranks_below_a_ball_of_the_same_width_and_density() -> None:
    hu = lung_block()
    rod(hu, (20, 20, 0), 6.0)
    ball(hu, (50, 50, 36), 6.0, 40.0)
    best = search(hu)[0]
    assert np.linalg.norm(np.subtract(best.index, (50, 50, 36))) < 2


def test_even_lung_holds_no_candidate() -> None:
    assert search(lung_block()) == []


def test_a_weaker_candidate_within_a_stronger_one_of_its_size_is_left_out() -> None:
    strong = Candidate((10.0, 10.0, 10.0), 12.0, 800.0)
    inside = Candidate((12.0, 10.0, 10.0), 9.0, 500.0)
    beside = Candidate((30.0, 10.0, 10.0), 9.0, 400.0)
    assert distinct([strong, inside, beside]) == [strong, beside]


def test_the_working_copy_maps_places_back_to_the_source() -> None:
    source = source_of(lung_block())
    work = working_of(source)
    places = np.array([[3.0, 4.0, 5.0], [40.5, 0.0, 71.0]])
    assert np.allclose(work.from_source(work.to_source(places)), places)


def test_with_little_memory_the_same_is_found() -> None:
    hu = lung_block()
    ball(hu, (34, 36, 38), 8.0, 30.0)
    ball(hu, (20, 50, 20), 14.0, -600.0)
    every = np.ones(hu.shape, dtype=bool)
    values = hu.astype(np.float32)
    plenty = find_candidates(values, every, every, lambda _: None)
    assert plenty
    assert find_candidates(values, every, every, lambda _: None, tight=True) == plenty


def test_thin_ground_glass_is_not_searched_for_in_thick_slices() -> None:
    hu = lung_block()
    hu[:, :20] = 40
    ball(hu, (36, 25, 36), 6.0, -550.0)
    lungs = np.ones(hu.shape, dtype=bool)
    lungs[:, :20] = False
    every = np.ones(hu.shape, dtype=bool)
    values = hu.astype(np.float32)
    thick = find_candidates(values, lungs, every, lambda _: None, smallest_faint_mm=10.0)
    assert all(c.diameter_mm >= 10 for c in thick if c.faint)
