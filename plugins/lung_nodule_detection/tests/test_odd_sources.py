"""What is no chest CT of enough slices is refused or doubted in words, before anything is run."""

from __future__ import annotations

from dataclasses import replace

import medview_lung_nodule_detection as plugin
import numpy as np
import pytest

from medview.api import Intensity, SourceInfo
from medview.host.fit import verdict
from medview.testing.conformance import find_model

CT = SourceInfo(
    "volume",
    modality="CT",
    intensity=Intensity.HOUNSFIELD,
    body_part="CHEST",
    shape=(300, 512, 512),
    spacing_mm=(1.0, 0.7, 0.7),
)
MR = replace(CT, modality="MR", intensity=Intensity.ARBITRARY)


@pytest.mark.parametrize(
    ("source", "fit"),
    [
        (CT, "fit"),
        (replace(CT, spacing_mm=(3.0, 0.7, 0.7)), "fit"),
        (replace(CT, spacing_mm=(3.1, 0.7, 0.7)), "doubtful"),
        (replace(CT, spacing_mm=(8.0, 0.7, 0.7), shape=(30, 512, 512)), "doubtful"),
        (replace(CT, spacing_mm=(1.0, 4.2, 4.2)), "doubtful"),
        (replace(CT, spacing_mm=(10.1, 0.7, 0.7)), "unfit"),
        (replace(CT, shape=(4, 512, 512)), "unfit"),
        (replace(CT, shape=(1, 512, 512)), "unfit"),
        (MR, "unfit"),
        (replace(CT, kind="image", shape=(512, 512), spacing_mm=(0.7, 0.7)), "unfit"),
    ],
)
def test_sources_are_judged_by_their_description(source: SourceInfo, fit: str) -> None:
    answer = verdict(find_model("lung-nodule-detection"), source)
    assert answer.fit == fit
    assert answer.reasons or fit == "fit"


def test_each_time_of_a_4d_series_is_a_volume_of_its_own() -> None:
    answer = verdict(find_model("lung-nodule-detection"), replace(CT, times=20, time=3))
    assert answer.fit != "unfit"


def test_applicable_never_raises_on_what_lacks_a_description() -> None:
    for source in (SourceInfo("image"), SourceInfo("slide"), replace(CT, shape=None)):
        assert plugin.applicable(source).reasons


def test_the_scores_of_thick_and_thin_series_lie_between_0_and_1() -> None:
    from medview_lung_nodule_detection.score import combined

    for volume in np.linspace(0, 1, 5):
        for patch in np.linspace(0, 1, 5):
            for faint in (False, True):
                assert 0 <= combined(float(volume), float(patch), faint=faint) <= 1
