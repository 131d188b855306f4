"""The host refuses what the card excludes; the model is asked about the rest, and may be wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.geometry.grid import Grid
from medview.core.geometry.orient import AxisOrder
from medview.core.notice import Notice
from medview.host.card import InputSpec
from medview.host.fit import host_verdict, verdict
from tests.fake_models import GOOD_RUN

CT = SourceInfo(
    "volume",
    modality="CT",
    intensity=Intensity.HOUNSFIELD,
    shape=(40, 512, 512),
    spacing_mm=(2.0, 0.7, 0.7),
    body_part="CHEST",
)
CHEST_CT = InputSpec(
    "volume",
    modalities=("CT",),
    intensity=Intensity.HOUNSFIELD,
    min_slices=10,
    max_spacing_mm=5.0,
    refuse_spacing_mm=10.0,
    body_parts=("CHEST", "THORAX"),
)


@pytest.mark.parametrize(
    ("change", "fit", "told"),
    [
        ({}, "fit", ""),
        ({"body_part": None}, "fit", ""),
        ({"body_part": "thorax"}, "fit", ""),
        ({"shape": (10, 512, 512)}, "fit", ""),
        (
            {"kind": "image", "shape": (512, 512)},
            "unfit",
            "It needs a volume, and this is an image",
        ),
        ({"kind": "slide", "shape": None}, "unfit", "this is a slide"),
        ({"modality": "MR"}, "unfit", "It needs CT, and this is MR"),
        ({"modality": None}, "doubtful", "does not say"),
        ({"intensity": Intensity.ARBITRARY}, "unfit", "needs Hounsfield units"),
        ({"shape": (9, 512, 512)}, "unfit", "at least 10 slices, and there are 9"),
        ({"spacing_mm": (5.1, 0.7, 0.7)}, "doubtful", "5.1 mm is above the 5 mm"),
        ({"spacing_mm": (10.5, 0.7, 0.7)}, "unfit", "above the limit of 10 mm"),
        ({"spacing_mm": None}, "doubtful", "spacing is not known"),
        ({"body_part": "KNEE"}, "doubtful", "CHEST or THORAX; the header says KNEE"),
    ],
)
def test_the_host_judges_by_the_card(change, fit, told):
    judged = host_verdict(CHEST_CT, replace(CT, **change))
    assert judged.fit == fit
    assert told in " ".join(judged.reasons)
    assert bool(judged.reasons) == (fit != "fit")


def test_a_card_without_limits_takes_any_source_of_its_kind():
    assert host_verdict(InputSpec("volume"), SourceInfo("volume")).fit == "fit"


def test_slanted_axes_are_doubtful_because_models_measure_along_them():
    straight = np.diag([2.0, 0.7, 0.7, 1.0])
    slanted = straight.copy()
    slanted[1, 0] = 0.5
    for matrix, fit in ((straight, "fit"), (slanted, "doubtful")):
        answer = host_verdict(CHEST_CT, CT.on_grid(Grid((40, 64, 64), matrix)))
        assert answer.fit == fit
        assert any("right angles" in reason for reason in answer.reasons) == (fit == "doubtful")


AXIAL_160_MM = Grid((40, 64, 64), np.diag([0.7, 0.7, 4.0, 1.0])[:, [2, 1, 0, 3]])
"""k along z in steps of 4 mm, j along y, i along x."""


@pytest.mark.parametrize(
    ("limits", "fit", "told"),
    [
        ({"min_coverage_mm": 160.0}, "fit", ""),
        ({"min_coverage_mm": 161.0}, "doubtful", "covers 160 mm from head to foot, less than"),
        ({"refuse_coverage_mm": 160.0, "min_coverage_mm": 200.0}, "doubtful", "the 200 mm that"),
        ({"refuse_coverage_mm": 161.0}, "unfit", "160 mm from head to foot, below the limit of"),
    ],
)
@pytest.mark.parametrize("axes", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
def test_coverage_is_the_height_of_the_block_whichever_way_it_is_sliced(limits, fit, told, axes):
    spec = replace(CHEST_CT, **limits)
    grid = AxisOrder(axes, (True, False, True)).apply_to_grid(AXIAL_160_MM)
    judged = host_verdict(spec, CT.on_grid(grid))
    assert judged.fit == fit
    assert told in " ".join(judged.reasons)


def test_spacing_that_was_rounded_in_the_header_does_not_cut_off_the_last_slice():
    grid = Grid((50, 64, 64), np.diag([0.7, 0.7, 2.9999, 1.0])[:, [2, 1, 0, 3]])
    spec = replace(CHEST_CT, refuse_coverage_mm=150.0)
    assert host_verdict(spec, CT.on_grid(grid)).fit == "fit"


@pytest.mark.parametrize(
    ("axes", "fit", "told"),
    [
        ((0, 1, 2), "fit", ""),
        ((1, 0, 2), "fit", ""),
        ((2, 0, 1), "doubtful", "The slices are sagittal, and it is made for axial or coronal"),
    ],
)
def test_slices_in_a_plane_that_the_model_was_not_made_for_are_doubtful(axes, fit, told):
    spec = replace(CHEST_CT, planes=("axial", "coronal"))
    grid = AxisOrder(axes, (False, False, False)).apply_to_grid(AXIAL_160_MM)
    judged = host_verdict(spec, CT.on_grid(grid))
    assert judged.fit == fit
    assert told in " ".join(judged.reasons)


def test_what_a_card_asks_of_an_unknown_geometry_is_doubtful():
    spec = replace(CHEST_CT, planes=("axial",), min_coverage_mm=100.0)
    judged = host_verdict(spec, CT)
    assert judged.fit == "doubtful"
    told = " ".join(judged.reasons)
    assert "How much of the body it covers is not known" in told
    assert "The plane of the slices is not known" in told


def test_a_stack_is_refused_with_the_reason_of_the_reader():
    marks = (Notice("uneven-gaps", "The gaps between slices differ by up to 3 mm."),)
    judged = host_verdict(CHEST_CT, replace(CT, kind="stack", marks=marks))
    assert judged.fit == "unfit"
    assert "gaps between slices differ" in judged.reasons[0]


def test_values_of_unknown_meaning_are_doubtful_until_the_user_states_it():
    unknown = replace(CT, modality=None, intensity=Intensity.ARBITRARY)
    judged = host_verdict(CHEST_CT, unknown)
    assert judged.fit == "doubtful"
    assert "these are values of no known unit" in " ".join(judged.reasons)
    stated = replace(unknown, intensity=Intensity.HOUNSFIELD)
    assert "no known unit" not in " ".join(host_verdict(CHEST_CT, stated).reasons)


def applicable(body: str) -> str:
    return f"{GOOD_RUN}\n@hookimpl\ndef applicable(source):\n    {body}\n"


def judge(catalogue, info=CT):
    (handle,) = catalogue().models
    return verdict(handle, info)


def test_the_model_has_the_second_word(site, catalogue):
    site.add(applicable("return Verdict.doubtful('The kernel is sharp.')"))
    assert judge(catalogue).reasons == ("The kernel is sharp.",)


def test_the_model_cannot_overrule_the_host(site, catalogue):
    site.add(applicable("return Verdict.fits()"))
    judged = judge(catalogue, replace(CT, modality=None))
    assert judged.fit == "doubtful"


def test_the_model_is_not_asked_about_what_the_host_refuses(site, catalogue):
    site.add(applicable("raise RuntimeError('asked')"))
    judged = judge(catalogue, replace(CT, modality="MR"))
    assert judged.reasons == ("It needs CT, and this is MR.",)


@pytest.mark.parametrize("body", ["raise ValueError('no idea')", "raise SystemExit(1)"])
def test_a_model_that_fails_to_judge_must_not_run_and_is_named(site, catalogue, body):
    site.add(applicable(body))
    judged = judge(catalogue)
    assert judged.fit == "unfit"
    assert "'bright' failed to judge" in judged.reasons[0]


@pytest.mark.parametrize(
    "answer",
    ["True", "None", "'no'", "Verdict('maybe')", "Verdict('unfit')", "Verdict('fit', 'why')"],
)
def test_a_verdict_that_is_none_counts_as_unfit(site, catalogue, answer):
    site.add(applicable(f"return {answer}"))
    judged = judge(catalogue)
    assert judged.fit == "unfit"
    assert "'bright' gave no valid verdict" in judged.reasons[0]


def test_the_model_sees_the_canonical_description(site, catalogue, sagittal_ct):
    site.add(applicable("return Verdict.doubtful(str(source.shape), str(source.spacing_mm))"))
    judged = judge(catalogue, sagittal_ct.info)
    assert judged.reasons == ("(7, 6, 5)", "(3.0, 1.0, 2.0)")


def test_a_broken_model_is_unfit_with_its_reason(site, catalogue):
    site.add("raise RuntimeError('no')", head=False)
    judged = judge(catalogue)
    assert judged.fit == "unfit"
    assert "broken" in judged.reasons[0]
