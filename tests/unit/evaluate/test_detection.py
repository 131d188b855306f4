"""FROC by the LUNA16 protocol on cases worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from medview.core.errors import InputError
from medview.evaluate.detection import Candidate, ReferenceFinding, froc, match
from medview.evaluate.luna16 import read_annotations

NODULE = ReferenceFinding((0.0, 0.0, 0.0), 10.0)


def test_a_candidate_inside_the_radius_is_a_hit_and_one_outside_is_not() -> None:
    result = match([Candidate((4.9, 0, 0), 0.9), Candidate((5.1, 0, 0), 0.8)], [NODULE])
    assert result.hits == (0.9,)
    assert result.false_positives == (0.8,)


def test_two_hits_on_one_finding_count_once_with_the_better_score() -> None:
    result = match([Candidate((1, 0, 0), 0.3), Candidate((0, 1, 0), 0.7)], [NODULE])
    assert result.hits == (0.7,)
    assert result.false_positives == ()


def test_a_hit_on_an_irrelevant_finding_counts_neither_way() -> None:
    result = match([Candidate((0, 0, 0), 0.9)], [ReferenceFinding((0, 0, 0), 10.0, False)])
    assert result.hits == result.false_positives == ()
    assert result.relevant == 0


def test_a_perfect_system_has_a_cpm_of_one() -> None:
    scans = [match([Candidate((0, 0, 0), 0.9)], [NODULE]) for _ in range(4)]
    result = froc(scans)
    assert result["cpm"].value == 1
    assert result["cpm"].n == 4


def test_the_curve_starts_at_the_origin_and_is_read_linearly() -> None:
    # One hit that comes only together with one false positive in each of two scans:
    # sensitivity rises from 0 at rate 0 to 1 at rate 1, so at 0.5 it is one half.
    scans = [match([Candidate((0, 0, 0), 0.5), Candidate((50, 0, 0), 0.5)], [NODULE])] * 2
    result = froc(scans)
    assert result["sensitivity@0.5"].value == pytest.approx(0.5)
    assert result["sensitivity@1"].value == 1
    assert result["sensitivity@8"].value == 1
    assert result["cpm"].value == pytest.approx((0.125 + 0.25 + 0.5 + 1 + 1 + 1 + 1) / 7)


def test_a_system_that_finds_nothing_has_a_cpm_of_zero() -> None:
    assert froc([match([], [NODULE])])["cpm"].value == 0


def test_without_relevant_findings_nothing_is_claimed() -> None:
    assert froc([match([Candidate((0, 0, 0), 1.0)], [])])["cpm"].value is None


def test_luna16_annotations_are_read_by_series(tmp_path: Path) -> None:
    path = tmp_path / "annotations.csv"
    path.write_text("seriesuid,coordX,coordY,coordZ,diameter_mm\n1.2,-1.5,2,3,6.25\n1.2,0,0,0,-1\n")
    findings = read_annotations(path)["1.2"]
    assert findings[0] == ReferenceFinding((-1.5, 2.0, 3.0), 6.25)


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "annotations.csv"
    path.write_text("seriesuid,coordX,coordY,coordZ,diameter_mm\n1.2,a,2,3,6\n")
    with pytest.raises(InputError, match=r"Line 2 of annotations\.csv"):
        read_annotations(path)


def test_before_a_rise_at_one_rate_the_curve_is_flat() -> None:
    """Found at no false positive: half; all only after one in four scans."""
    far = Candidate((90, 0, 0), 0.6)
    scans = [
        match([Candidate((0, 0, 0), 0.9)], [NODULE]),
        match([Candidate((0, 0, 0), 0.3)], [NODULE]),
        match([far], []),
        match([], []),
    ]
    result = froc(scans)
    assert result["sensitivity@0.125"].value == pytest.approx(0.5)
    assert result["sensitivity@0.25"].value == 1
