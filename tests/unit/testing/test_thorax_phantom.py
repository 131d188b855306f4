"""The analytic thorax is what it says it is, on every grid."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from medview.core.geometry.grid import Grid
from medview.core.geometry.orient import AxisOrder
from medview.testing.phantoms import (
    AIRWAYS,
    LEFT_LUNG,
    RIGHT_LUNG,
    ThoraxAnatomy,
    ThoraxPhantom,
    analytic_volumes_ml,
    thorax,
    thorax_grid,
)

COARSE = (6.0, 4.0, 4.0)
BARE = ThoraxAnatomy(vessel_tips=40)


@pytest.fixture(scope="module")
def phantom() -> ThoraxPhantom:
    return thorax(thorax_grid(COARSE), anatomy=BARE, supersample=(1, 1, 1))


def hu_at(phantom: ThoraxPhantom, lps: tuple[float, float, float]) -> float:
    k, j, i = np.rint(phantom.volume.grid.to_index(lps)).astype(int)
    return float(phantom.volume.array[k, j, i])


def test_the_right_lung_lies_at_smaller_x_than_the_left(phantom: ThoraxPhantom) -> None:
    grid = phantom.volume.grid
    right = grid.to_lps(np.argwhere(phantom.truth == RIGHT_LUNG))[:, 0]
    left = grid.to_lps(np.argwhere(phantom.truth == LEFT_LUNG))[:, 0]
    assert right.max() <= 4.0
    assert left.min() >= 0.0


def test_the_right_lung_is_the_larger_one() -> None:
    right, left = analytic_volumes_ml(ThoraxAnatomy(), 3.0)
    assert 2000 < left < right < 4000


def test_the_truth_has_the_analytic_volume_whatever_the_spacing() -> None:
    expected = analytic_volumes_ml(BARE)
    for spacing in (COARSE, (3.0, 5.0, 4.0), (10.0, 3.0, 3.0)):
        made = thorax(thorax_grid(spacing), anatomy=BARE)
        voxel_ml = made.volume.grid.voxel_volume_mm3 / 1000
        for label, ml in zip((RIGHT_LUNG, LEFT_LUNG), expected, strict=True):
            assert np.count_nonzero(made.truth == label) * voxel_ml == pytest.approx(ml, rel=0.02)


def test_size_scales_volumes_by_its_cube() -> None:
    small = analytic_volumes_ml(ThoraxAnatomy(size=0.8), 3.0)
    whole = analytic_volumes_ml(ThoraxAnatomy(), 3.0)
    assert small[0] / whole[0] == pytest.approx(0.8**3, rel=1e-6)


def test_tissues_have_the_values_they_should_have(phantom: ThoraxPhantom) -> None:
    assert hu_at(phantom, (-190.0, -150.0, 0.0)) == pytest.approx(-1000, abs=60)
    assert hu_at(phantom, (0.0, -2.0, 90.0)) < -850
    assert hu_at(phantom, (-60.0, -10.0, -120.0)) == pytest.approx(58, abs=60)
    assert hu_at(phantom, (60.0, -42.0, -128.0)) < -850
    inside = phantom.volume.array[phantom.truth == RIGHT_LUNG]
    assert np.median(inside) == pytest.approx(BARE.lung_hu, abs=25)


@pytest.mark.parametrize("axes", list(itertools.permutations(range(3))))
def test_permuted_and_flipped_grids_show_the_same_person(
    phantom: ThoraxPhantom, axes: tuple[int, int, int]
) -> None:
    order = AxisOrder(axes, (True, False, True))
    grid = order.apply_to_grid(phantom.volume.grid)
    quiet = thorax(phantom.volume.grid, anatomy=BARE, noise_hu=0.0, supersample=(1, 1, 1))
    turned = thorax(grid, anatomy=BARE, noise_hu=0.0, supersample=(1, 1, 1))
    back = order.undo(turned.volume.array).astype(int)
    assert np.abs(back - quiet.volume.array).max() <= 2
    # float32 coordinates may put a centre that lies on the surface to either side.
    assert np.count_nonzero(order.undo(turned.truth) != quiet.truth) < 20


def test_an_oblique_grid_shows_the_same_tissue_at_the_same_place() -> None:
    angle = np.deg2rad(25.0)
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    directions = turn @ np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]])
    made = thorax(thorax_grid(COARSE, directions=directions), anatomy=BARE, noise_hu=0.0)
    assert hu_at(made, (-75.0, 10.0, -20.0)) < -600
    assert hu_at(made, (-60.0, -10.0, -120.0)) > 20
    assert hu_at(made, (0.0, 60.0, 4.0)) > 100


def test_nodules_are_where_they_are_said_to_be() -> None:
    grid = thorax_grid((2.0, 2.0, 2.0), field_of_view_mm=(240.0, 160.0, 240.0))
    made = thorax(grid, anatomy=BARE, noise_hu=0.0, kernel="none")
    for nodule in made.nodules:
        k, j, i = np.rint(grid.to_index(nodule.centre_lps_mm)).astype(int)
        expected = 30.0 if nodule.kind == "part-solid" else nodule.hu
        assert made.volume.array[k, j, i] == pytest.approx(expected, abs=60)
        assert made.truth[k, j, i] in (RIGHT_LUNG, LEFT_LUNG)


def test_equal_seeds_give_equal_voxels_and_others_do_not() -> None:
    grid = thorax_grid((12.0, 8.0, 8.0))
    one, two = (thorax(grid, anatomy=BARE, seed=3).volume.array for _ in range(2))
    other = thorax(grid, anatomy=BARE, seed=4).volume.array
    assert (one == two).all()
    assert (one != other).any()


def test_noise_has_the_asked_strength() -> None:
    quiet, loud = (
        thorax(thorax_grid(COARSE), anatomy=BARE, noise_hu=n).volume.array.astype(int)
        for n in (0.0, 30.0)
    )
    # Values below -1024 are cut off, so only soft tissue tells.
    tissue = quiet > 0
    assert (loud - quiet)[tissue].std() == pytest.approx(30.0, rel=0.05)


def test_a_missing_lung_is_no_lung() -> None:
    made = thorax(thorax_grid(COARSE), anatomy=ThoraxAnatomy(left_lung=False, vessel_tips=20))
    assert LEFT_LUNG not in made.truth
    assert RIGHT_LUNG in made.truth
    assert AIRWAYS in made.truth
    assert made.volumes_ml()[1] == 0
    assert hu_at(made, (80.0, 10.0, -20.0)) > -100


def test_stomach_gas_is_gas_but_no_lung(phantom: ThoraxPhantom) -> None:
    k, j, i = np.rint(phantom.volume.grid.to_index((60.0, -42.0, -128.0))).astype(int)
    assert phantom.volume.array[k, j, i] < -850
    assert phantom.truth[k, j, i] == 0


def test_thick_slices_average_thin_ones() -> None:
    thin = thorax(thorax_grid((2.0, 4.0, 4.0)), anatomy=BARE, noise_hu=0, kernel="none")
    thick_grid = thin.volume.grid.resampled((8.0, 4.0, 4.0))
    thick = thorax(thick_grid, anatomy=BARE, noise_hu=0, kernel="none", supersample=(4, 1, 1))
    k, j, i = thick_grid.shape
    mean = thin.volume.array.reshape(k, 4, j, i).astype(float).mean(axis=1)
    assert np.abs(mean - thick.volume.array).mean() < 8


def test_a_grid_beside_the_person_is_empty() -> None:
    grid = Grid((4, 4, 4), thorax_grid().index_to_lps)
    far = thorax(grid.crop((0, -400, -400), (4, 4, 4)), noise_hu=0.0)
    assert (far.volume.array == -1000).all()
    assert not far.truth.any()
