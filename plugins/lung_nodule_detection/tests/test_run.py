"""A run on a generated chest: the nodule, the host's checks, cancelling, repeating."""

from __future__ import annotations

import medview_lung_nodule_detection as plugin
import numpy as np
import pytest
from medview_lung_nodule_detection.pipeline import smallest_mm
from medview_lung_nodule_detection.shipped import shipped_weights

from medview.api import Cancelled, Detections, Findings, LabelMap
from medview.core.findings.checks import problems
from medview.testing.context import CollectingContext
from medview.testing.phantoms import (
    PhantomNodule,
    ThoraxAnatomy,
    ThoraxPhantom,
    thorax,
    thorax_grid,
)

CENTRE = (80.0, 10.0, 20.0)


@pytest.fixture(scope="module")
def phantom() -> ThoraxPhantom:
    grid = thorax_grid(
        (2.5, 1.6, 1.6),
        field_of_view_mm=(60.0, 300.0, 350.0),
        centre_lps_mm=(0.0, 12.0, CENTRE[2]),
    )
    return thorax(
        grid, anatomy=ThoraxAnatomy(vessel_tips=80), nodules=(PhantomNodule(CENTRE, 14.0),)
    )


@pytest.fixture(scope="module")
def context() -> CollectingContext:
    return CollectingContext(weights=shipped_weights())


@pytest.fixture(scope="module")
def findings(phantom: ThoraxPhantom, context: CollectingContext) -> Findings:
    return plugin.run(phantom.volume, plugin.Params(), context)


def test_the_nodule_is_found_with_its_size_and_side(findings: Findings) -> None:
    detections = findings.items[0]
    assert isinstance(detections, Detections)
    near = [d for d in detections.items if np.linalg.norm(np.subtract(d.centre, CENTRE)) < 4]
    assert len(near) == 1
    values = {q.name: q.value for q in near[0].measurements}
    assert values["Mean diameter"] == pytest.approx(14.0, abs=1.5)
    assert values["Side"] == "left"
    assert values["Composition"] == "solid"
    assert "uncalibrated" in detections.score_meaning


def test_each_detection_has_an_outline_inside_its_box(
    findings: Findings, phantom: ThoraxPhantom
) -> None:
    detections, outlines = findings.items
    assert isinstance(detections, Detections)
    assert isinstance(outlines, LabelMap)
    assert len(outlines.labels) == len(detections.items)
    for label, one in zip(outlines.labels, detections.items, strict=True):
        places = phantom.volume.grid.to_lps(np.argwhere(outlines.array == label.value))
        assert (np.abs(places - one.centre) <= np.asarray(one.size) / 2).all()


def test_the_findings_pass_the_hosts_checks(findings: Findings, phantom: ThoraxPhantom) -> None:
    assert problems(findings, phantom.volume) == []


def test_progress_never_moves_backwards_and_ends_at_one(
    findings: Findings, context: CollectingContext
) -> None:
    fractions = [f for f, _ in context.progress_reports if f is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_two_runs_are_equal(findings: Findings, phantom: ThoraxPhantom) -> None:
    again = plugin.run(
        phantom.volume, plugin.Params(), CollectingContext(weights=shipped_weights())
    )
    assert again.items[0] == findings.items[0]
    assert isinstance(again.items[1], LabelMap)
    assert isinstance(findings.items[1], LabelMap)
    assert (again.items[1].array == findings.items[1].array).all()


@pytest.mark.parametrize("after", [0, 120])
def test_a_cancelled_run_stops_at_its_next_report(phantom: ThoraxPhantom, after: int) -> None:
    ctx = CollectingContext(weights=shipped_weights(), cancel_after=after)
    with pytest.raises(Cancelled):
        plugin.run(phantom.volume, plugin.Params(), ctx)
    assert len(ctx.progress_reports) == after + 1


def test_parameters_limit_size_and_number(phantom: ThoraxPhantom) -> None:
    large = plugin.Params(min_diameter_mm=30.0)
    found = plugin.run(phantom.volume, large, CollectingContext(weights=shipped_weights()))
    assert found.items[0].items == ()  # type: ignore[union-attr]


def test_a_volume_without_lung_says_so_and_reports_nothing(phantom: ThoraxPhantom) -> None:
    array = np.full(phantom.volume.array.shape, np.nan, dtype=np.float32)
    ctx = CollectingContext()
    found = plugin.run(phantom.volume.with_array(array), plugin.Params(), ctx)
    assert found.items[0].items == ()  # type: ignore[union-attr]
    assert "no-lung-found" in {w.code for w in ctx.warnings}


def test_what_is_no_larger_than_two_coarse_voxels_is_not_told_from_a_vessel() -> None:
    assert smallest_mm((2.5, 0.7, 0.7), 3.0) == 3.0
    assert smallest_mm((4.0, 0.7, 0.7), 3.0) == 8.0
    assert smallest_mm((4.0, 0.7, 0.7), 12.0) == 12.0


@pytest.mark.parametrize(("diameter_mm", "count"), [(7.0, 0), (20.0, 1)])
def test_on_thick_slices_only_large_nodules_are_reported(diameter_mm: float, count: int) -> None:
    grid = thorax_grid(
        (5.0, 1.6, 1.6),
        field_of_view_mm=(100.0, 300.0, 350.0),
        centre_lps_mm=(0.0, 12.0, CENTRE[2]),
    )
    nodule = PhantomNodule(CENTRE, diameter_mm)
    made = thorax(grid, anatomy=ThoraxAnatomy(vessel_tips=40), nodules=(nodule,))
    found = plugin.run(
        made.volume,
        plugin.Params(score_threshold=0.05),
        CollectingContext(weights=shipped_weights()),
    )
    detections = found.items[0]
    assert isinstance(detections, Detections)
    near = [d for d in detections.items if np.linalg.norm(np.subtract(d.centre, CENTRE)) < 6]
    assert len(near) == count
    for one in detections.items:
        values = {q.name: q.value for q in one.measurements}
        assert float(values["Mean diameter"]) >= 10.0
