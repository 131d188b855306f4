"""Findings in words: names, numbers and units as people write them."""

from __future__ import annotations

import numpy as np

from medview.app.cli.findings_text import lines_of
from medview.core.findings.base import Findings
from medview.core.findings.detections import Detection, Detections, Quantity
from medview.core.findings.grades import Grade, Grades
from medview.core.findings.labelmap import Label, LabelMap
from medview.core.findings.measurements import Measurements
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid


def test_a_label_on_a_volume_is_told_in_millilitres():
    array = np.zeros((10, 10, 10), np.uint8)
    array[:, :5] = 1
    grid = Grid((10, 10, 10), compose((0, 0, 0), np.eye(3), (2, 2, 5)))
    mask = LabelMap("Lungs", array, (Label(1, "Right lung", (0, 0, 255)),), grid)
    assert lines_of(Findings(mask)) == ["Lungs", "  Right lung: 10.0 ml"]


def test_a_label_on_an_image_is_told_in_pixels():
    mask = LabelMap("Vessels", np.ones((2, 3), np.uint8), (Label(1, "Vessel", (255, 0, 0)),))
    assert lines_of(Findings(mask)) == ["Vessels", "  Vessel: 6 pixels"]


def test_detections_are_counted_and_listed():
    item = Detection("n1", "nodule", 0.873, (1.0, 2.0, 3.0), (6.04, 5.0, 4.0))
    assert lines_of(Findings(Detections("Nodules", (item,), "candidate score"))) == [
        "Nodules",
        "  1 found (candidate score)",
        "  n1: nodule, 0.87, 6.0 x 5.0 x 4.0 mm",
    ]


def test_an_image_that_cannot_be_graded_says_why():
    grades = Grades("Grade", (Grade("0", 0.5), Grade("1", 0.5)), None, "The image is too dark.")
    assert lines_of(Findings(grades))[1] == "  not gradable: The image is too dark."


def test_units_are_written_as_people_do():
    table = Measurements(
        "Density",
        (Quantity("mean", -864.52, "[hnsf'U]"), Quantity("ratio", 0.5, "1"), Quantity("side", "R")),
    )
    assert lines_of(Findings(table))[1:] == ["  mean: -864.5 HU", "  ratio: 0.5", "  side: R"]


def test_a_large_number_has_no_power_of_ten_and_a_small_one_four_figures():
    table = Measurements(
        "Bone", (Quantity("volume", 11153.24, "ml"), Quantity("share", 0.0123456, "1"))
    )
    assert lines_of(Findings(table))[1:] == ["  volume: 11153 ml", "  share: 0.01235"]
