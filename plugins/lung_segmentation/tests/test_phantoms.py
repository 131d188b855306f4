"""On generated thoraxes, whose truth is exact, the outlines and volumes are right."""

from __future__ import annotations

import itertools

import medview_lung_segmentation as plugin
import numpy as np
import pytest

from medview.core.data.volume import Volume
from medview.core.findings.checks import problems
from medview.core.geometry.orient import AxisOrder
from medview.core.geometry.resample import resample
from medview.core.progress import Cancelled
from medview.testing.phantoms import (
    PhantomNodule,
    ThoraxAnatomy,
    ThoraxPhantom,
    thorax,
    thorax_grid,
)
from plugins.lung_segmentation.tests.lungs import AIRWAYS, LEFT, RIGHT, Outcome, context, dice, run

GRID = thorax_grid((3.5, 2.5, 2.5))


@pytest.fixture(scope="module")
def phantom() -> ThoraxPhantom:
    return thorax(GRID)


@pytest.fixture(scope="module")
def outcome(phantom: ThoraxPhantom) -> Outcome:
    return run(phantom.volume)


def scores(outcome: Outcome, phantom: ThoraxPhantom) -> tuple[float, float]:
    return (
        dice(outcome.labels == RIGHT, phantom.truth == RIGHT),
        dice(outcome.labels == LEFT, phantom.truth == LEFT),
    )


def test_both_lungs_agree_with_the_truth(outcome: Outcome, phantom: ThoraxPhantom) -> None:
    assert min(scores(outcome, phantom)) >= 0.985
    assert outcome.warnings == {}


def test_volumes_are_within_two_percent_of_the_analytic_ones(
    outcome: Outcome, phantom: ThoraxPhantom
) -> None:
    right, left = phantom.volumes_ml()
    assert outcome.numbers["Right lung volume"] == pytest.approx(right, rel=0.02)
    assert outcome.numbers["Left lung volume"] == pytest.approx(left, rel=0.02)
    assert outcome.numbers["Total lung volume"] == pytest.approx(right + left, rel=0.02)


def test_densities_are_those_of_the_voxels_in_the_mask(
    outcome: Outcome, phantom: ThoraxPhantom
) -> None:
    values = phantom.volume.array[outcome.lungs].astype(float)
    assert outcome.numbers["Mean lung density"] == pytest.approx(values.mean(), abs=0.1)
    low = 100 * np.count_nonzero(values < -950) / values.size
    assert outcome.numbers["Low attenuation below -950 HU"] == pytest.approx(low, abs=0.02)


def test_the_windpipe_is_an_airway_and_no_lung(outcome: Outcome, phantom: ThoraxPhantom) -> None:
    assert dice(outcome.labels == AIRWAYS, phantom.truth == AIRWAYS) >= 0.9
    k = int(np.ceil(phantom.volume.grid.to_index((0.0, 0.0, 35.0))[0]))
    above_carina = (phantom.truth == AIRWAYS)[k:]
    assert above_carina.any()
    assert not (outcome.lungs[k:] & above_carina).any()


def test_gas_in_stomach_and_bowel_is_not_counted(phantom: ThoraxPhantom, outcome: Outcome) -> None:
    below = outcome.lungs & (phantom.truth == 0)
    k, j, i = np.rint(phantom.volume.grid.to_index((60.0, -42.0, -130.0))).astype(int)
    assert phantom.volume.array[k, j, i] < -850
    assert not below[k - 4 : k + 2, j - 4 : j + 4, i - 4 : i + 4].any()


def test_the_dome_of_the_diaphragm_stays_out_of_the_lung(
    phantom: ThoraxPhantom, outcome: Outcome
) -> None:
    for z in (-86.0, -95.0):
        k, j, i = np.rint(phantom.volume.grid.to_index((-66.0, -8.0, z))).astype(int)
        assert phantom.volume.array[k, j, i] > -200
        assert outcome.labels[k, j, i] == 0


def test_nodules_in_the_lungs_and_at_the_pleura_belong_to_the_lung() -> None:
    at_pleura = PhantomNodule((-118.0, 6.0, -20.0), 12.0)
    inside = PhantomNodule((80.0, 10.0, 20.0), 20.0)
    made = thorax(thorax_grid((2.0, 2.0, 2.0)), nodules=(at_pleura, inside))
    found = run(made.volume)
    for nodule in (at_pleura, inside):
        k, j, i = np.rint(made.volume.grid.to_index(nodule.centre_lps_mm)).astype(int)
        assert made.truth[k, j, i] in (RIGHT, LEFT)
        assert found.labels[k, j, i] == made.truth[k, j, i]


FLIPS = dict(
    zip(
        itertools.permutations(range(3)),
        itertools.product((False, True), repeat=3),
        strict=False,
    )
)


def test_all_permutations_and_flips_of_the_axes_give_the_same_mask() -> None:
    volume = thorax(thorax_grid((6.0, 4.0, 4.0)), anatomy=ThoraxAnatomy(vessel_tips=50)).volume
    classical = plugin.Params(method="classical")
    expected = run(volume, classical)
    joined = run(volume)
    yes_no = (False, True)
    for a, b, c in itertools.permutations(range(3)):
        for flips in itertools.product(yes_no, yes_no, yes_no):
            order = AxisOrder((a, b, c), flips)
            # One joined run for each permutation, with flips of its own: the network takes time.
            full = flips == FLIPS[a, b, c]
            turned = order.undo(
                run(volume.reordered(order), plugin.Params() if full else classical).labels
            )
            reference = joined if full else expected
            assert dice(turned == RIGHT, reference.labels == RIGHT) > 0.999
            assert dice(turned == LEFT, reference.labels == LEFT) > 0.999


@pytest.mark.parametrize("spacing", [(3.0, 3.0, 3.0), (5.0, 1.2, 1.2), (8.0, 1.0, 1.0)])
def test_other_spacings_give_the_same_lungs(spacing: tuple[float, float, float]) -> None:
    made = thorax(thorax_grid(spacing), anatomy=ThoraxAnatomy(vessel_tips=200))
    assert min(scores(run(made.volume), made)) >= 0.98


def test_resampling_the_volume_hardly_changes_the_mask(
    phantom: ThoraxPhantom, outcome: Outcome
) -> None:
    grid = GRID.resampled((2.5, 3.0, 3.0))
    coarse = Volume(
        np.rint(
            resample(phantom.volume.array, GRID, grid, interpolation="linear", outside=-1000)
        ).astype(np.int16),
        grid,
        phantom.volume.info,
    )
    found = run(coarse)
    back = resample(found.labels, grid, GRID, interpolation="nearest")
    assert dice(back == RIGHT, outcome.labels == RIGHT) > 0.97
    assert dice(back == LEFT, outcome.labels == LEFT) > 0.97


@pytest.mark.parametrize("junction_mm", [0.0, 1.0])
def test_lungs_that_touch_are_told_apart(junction_mm: float) -> None:
    made = thorax(GRID, anatomy=ThoraxAnatomy(junction_mm=junction_mm, vessel_tips=200))
    assert min(scores(run(made.volume), made)) >= 0.975


def test_low_dose_noise_does_not_break_the_outline() -> None:
    made = thorax(GRID, noise_hu=90.0, kernel="lung")
    assert min(scores(run(made.volume), made)) >= 0.98


@pytest.mark.parametrize(
    "anatomy",
    [
        ThoraxAnatomy(lung_hu=-935.0, vessel_tips=200),
        ThoraxAnatomy(lung_hu=-680.0, vessel_tips=200),
        ThoraxAnatomy(contrast_hu=250.0, vessel_tips=200),
        ThoraxAnatomy(table=False, blanket=False, vessel_tips=200),
    ],
    ids=["emphysema", "dense", "contrast", "no table"],
)
def test_unusual_densities_and_surroundings_are_no_obstacle(anatomy: ThoraxAnatomy) -> None:
    made = thorax(GRID, anatomy=anatomy)
    assert min(scores(run(made.volume), made)) >= 0.98


def test_arms_beside_the_body_are_no_obstacle() -> None:
    grid = thorax_grid((3.0, 2.0, 2.0), field_of_view_mm=(320.0, 400.0, 520.0))
    made = thorax(grid, anatomy=ThoraxAnatomy(arms=True, vessel_tips=200))
    assert min(scores(run(made.volume), made)) >= 0.985


@pytest.mark.parametrize(("missing", "side"), [("left_lung", LEFT), ("right_lung", RIGHT)])
def test_a_missing_lung_is_said_in_words_and_the_other_keeps_its_side(
    missing: str, side: int
) -> None:
    made = thorax(GRID, anatomy=ThoraxAnatomy(vessel_tips=100, **{missing: False}))
    found = run(made.volume, plugin.Params(method="classical"))
    other = LEFT + RIGHT - side
    assert side not in found.labels
    assert dice(found.labels == other, made.truth == other) >= 0.985
    word = "left" if side == LEFT else "right"
    assert f"No {word} lung" in found.warnings["lung-missing"]


@pytest.mark.parametrize(
    ("field_mm", "centre_mm", "code"),
    [
        ((140.0, 384.0, 384.0), (0.0, 12.0, 75.0), "lungs-cut-lower"),
        ((140.0, 384.0, 384.0), (0.0, 12.0, -105.0), "lungs-cut-upper"),
        ((320.0, 260.0, 220.0), (0.0, 12.0, -15.0), "lungs-cut-side"),
    ],
)
def test_lungs_cut_by_the_field_of_view_are_found_and_said_to_be_cut(
    field_mm: tuple[float, float, float], centre_mm: tuple[float, float, float], code: str
) -> None:
    grid = thorax_grid((3.0, 2.0, 2.0), field_of_view_mm=field_mm, centre_lps_mm=centre_mm)
    made = thorax(grid, anatomy=ThoraxAnatomy(vessel_tips=200))
    found = run(made.volume)
    assert min(scores(found, made)) >= 0.98
    assert code in found.warnings


@pytest.mark.parametrize("padding", [-2000, -3024])
def test_padding_around_a_round_field_of_view_is_no_lung(
    phantom: ThoraxPhantom, padding: int
) -> None:
    array = np.array(phantom.volume.array)
    j, i = np.ogrid[: array.shape[1], : array.shape[2]]
    outside = (j - array.shape[1] / 2) ** 2 + (i - array.shape[2] / 2) ** 2 > (
        array.shape[2] / 2
    ) ** 2
    array[:, outside] = padding
    found = run(phantom.volume.with_array(array))
    assert min(scores(found, phantom)) >= 0.985


def test_an_abdomen_without_lung_gives_zero_with_the_reason() -> None:
    grid = thorax_grid(
        (3.0, 2.0, 2.0), field_of_view_mm=(60.0, 384.0, 384.0), centre_lps_mm=(0.0, 12.0, -200.0)
    )
    found = run(thorax(grid).volume)
    assert not found.labels.any()
    assert found.numbers["Total lung volume"] == 0
    assert "bowel" in found.warnings["no-lung-found"]


@pytest.mark.parametrize("value", [-1000, 40])
def test_a_volume_of_one_value_holds_no_lung(phantom: ThoraxPhantom, value: int) -> None:
    array = np.full(GRID.shape, value, dtype=np.int16)
    found = run(phantom.volume.with_array(array))
    assert not found.labels.any()
    assert "no-lung-found" in found.warnings


def test_values_that_are_no_numbers_count_as_air(phantom: ThoraxPhantom) -> None:
    array = phantom.volume.array.astype(np.float32)
    array[:, :10] = np.nan
    found = run(phantom.volume.with_array(array))
    assert min(scores(found, phantom)) >= 0.985


def test_the_findings_pass_the_hosts_checks(phantom: ThoraxPhantom) -> None:
    result = plugin.run(phantom.volume, plugin.Params(), context())
    assert problems(result, phantom.volume) == []


def test_two_runs_are_equal(phantom: ThoraxPhantom, outcome: Outcome) -> None:
    assert (run(phantom.volume).labels == outcome.labels).all()


def test_progress_never_moves_backwards_and_ends_at_one(outcome: Outcome) -> None:
    fractions = [f for f, _ in outcome.context.progress_reports if f is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len(fractions) > 40


@pytest.mark.parametrize("after", [0, 10, 40])
def test_a_cancelled_run_stops_at_its_next_report(phantom: ThoraxPhantom, after: int) -> None:
    ctx = context(cancel_after=after)
    with pytest.raises(Cancelled):
        run(phantom.volume, ctx=ctx)
    assert len(ctx.progress_reports) == after + 1


def test_airways_can_be_left_out(phantom: ThoraxPhantom, outcome: Outcome) -> None:
    found = run(phantom.volume, plugin.Params(include_airways=False))
    assert AIRWAYS not in found.labels
    assert (found.lungs == outcome.lungs).all()
