"""The window's small sentences read as people write them."""

from __future__ import annotations

import numpy as np
import pytest

from medview.app.label_facts import LabelFact
from medview.app.results import Result, layers_for
from medview.app.wording import duration, finished, in_sentence, moment, outcome
from medview.core.findings.base import Findings
from medview.core.findings.labelmap import Label, LabelMap


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0, "under 0.1 s"),
        (0.049, "under 0.1 s"),
        (0.36, "0.4 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (119.4, "119 s"),
        (125.0, "2 min 5 s"),
    ],
)
def test_a_duration_is_as_exact_as_it_is_of_use(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("title", "within"),
    [
        ("Lung segmentation", "lung segmentation"),
        ("MONAI bundle", "MONAI bundle"),
        ("3D lungs", "3D lungs"),
        ("U", "u"),
        ("", ""),
    ],
)
def test_a_title_within_a_sentence_keeps_what_is_a_name(title: str, within: str) -> None:
    assert in_sentence(title) == within


def test_what_is_no_time_is_told_as_it_is() -> None:
    assert moment("some day") == "some day"


def result_with(volumes_ml: dict[str, float]) -> Result:
    labels = tuple(Label(n, name, (255, 0, 0)) for n, name in enumerate(volumes_ml, start=1))
    findings = Findings(LabelMap("Lungs", np.zeros((1, 1, 1), np.uint8), labels))
    facts = tuple(LabelFact(n, 1, ml, None) for n, ml in enumerate(volumes_ml.values(), start=1))
    layers = layers_for("job", "ct", findings)
    return Result("job", "Lung segmentation", "ct", findings, layers, {layers[0].id: facts})


@pytest.mark.parametrize(
    ("volumes_ml", "told"),
    [
        ({"Right lung": 2812.4, "Left lung": 2429.9}, "Lungs 5.2 l"),
        ({"Right lung": 12.34, "Left lung": 0.0}, "Lungs 12.3 ml"),
        ({"bright": 1176.2}, "bright 1176 ml"),
    ],
)
def test_a_run_is_summed_up_by_what_it_found_and_how_large_that_is(
    volumes_ml: dict[str, float], told: str
) -> None:
    assert outcome(result_with(volumes_ml)) == told
    assert finished(result_with(volumes_ml)) == f"Lung segmentation done: {told}"
