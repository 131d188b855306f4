"""Each rule for results is broken alone, and only that rule is reported."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from medview.core.data.image2d import Image2D
from medview.core.data.series import SlideLevel
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.findings.base import Findings
from medview.core.findings.checks import problems
from medview.core.findings.detections import Detection, Detections, Quantity
from medview.core.findings.grades import Grade, Grades
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import Label, LabelMap
from medview.core.findings.measurements import Measurements
from medview.core.findings.tiles import TileScores
from medview.core.geometry.grid import Grid

GRID = Grid((3, 4, 5), np.diag([2.0, 3.0, 4.0, 1.0]), "1.2.3")
VOLUME = Volume(np.zeros((3, 4, 5), np.int16), GRID)
IMAGE = Image2D(np.zeros((6, 8, 3), np.uint8))


class SlideOf100:
    """A slide of 100 x 80 pixels."""

    levels = (SlideLevel(100, 80, 1.0),)
    mpp = None
    info = SourceInfo("slide")

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> np.ndarray:
        return np.zeros((height, width, 3), np.uint8)


MASK = np.zeros((3, 4, 5), np.uint8)
MASK[1, 1, 1] = 1
LABELMAP = LabelMap("m", MASK, (Label(1, "a", (1, 2, 3)),), GRID)
HEATMAP = Heatmap("h", np.full((3, 4, 5), 0.5, np.float32), (0, 1), "p", GRID)
DETECTION = Detection("1", "nodule", 0.5, (2.0, 3.0, 8.0), (1.0, 1.0, 1.0))
GRADES = Grades("g", (Grade("0", 0.4), Grade("1", 0.6)), "1")
TILES = TileScores(
    "t", np.array([[0, 0], [50, 0]]), 50, 0, None, np.ones(2), np.ones((2, 1)), ("s",)
)


def with_value(array: np.ndarray, value: Any) -> np.ndarray:
    changed = array.copy()
    changed.flat[7] = value
    return changed


def moved(grid: Grid, frame: str | None = "1.2.3", by: float = 0.0) -> Grid:
    matrix = np.array(grid.index_to_lps)
    matrix[0, 3] += by
    return Grid(grid.shape, matrix, frame)


GOOD = [
    (LABELMAP, VOLUME),
    (replace(LABELMAP, grid=None), VOLUME),
    (replace(LABELMAP, array=MASK.astype(np.uint16)), VOLUME),
    (HEATMAP, VOLUME),
    (replace(HEATMAP, array=np.zeros((2, 2, 2), "f4"), grid=GRID.with_shape((2, 2, 2))), VOLUME),
    (Detections("d", (DETECTION,)), VOLUME),
    (Detections("d"), VOLUME),
    (GRADES, IMAGE),
    (replace(GRADES, reported=None, reason="blurred"), IMAGE),
    (LabelMap("m", np.zeros((6, 8), np.uint8), ()), IMAGE),
    (Heatmap("h", np.zeros((6, 8), np.float32), (0, 1), "cam"), IMAGE),
    (Detections("d", (replace(DETECTION, centre=(7.4, 5.4), size=(1.0, 1.0)),)), IMAGE),
    (TILES, SlideOf100()),
    (Measurements("m", (Quantity("x", 1.5, "mm"), Quantity("side", "left"))), VOLUME),
]

BAD: dict[str, tuple[Any, Any, str]] = {
    "signed labels": (replace(LABELMAP, array=MASK.astype(np.int16)), VOLUME, "uint8 or uint16"),
    "labels elsewhere": (replace(LABELMAP, grid=moved(GRID, by=0.5)), VOLUME, "on the grid"),
    "labels in another frame": (replace(LABELMAP, grid=moved(GRID, "9")), VOLUME, "on the grid"),
    "labels in no frame": (replace(LABELMAP, grid=moved(GRID, None)), VOLUME, "on the grid"),
    "labels of another shape": (
        replace(LABELMAP, array=MASK[:2], grid=None), VOLUME, "its shape is",
    ),
    "undeclared label": (replace(LABELMAP, array=with_value(MASK, 9)), VOLUME, "[9] have no"),
    "label zero": (
        replace(LABELMAP, labels=(*LABELMAP.labels, Label(0, "b", (0, 0, 0)))), VOLUME, "within 1",
    ),
    "label twice": (replace(LABELMAP, labels=LABELMAP.labels * 2), VOLUME, "different"),
    "label beyond the type": (
        replace(LABELMAP, labels=(*LABELMAP.labels, Label(256, "b", (0, 0, 0)))), VOLUME, "1..255",
    ),
    "labels of another image": (
        LabelMap("m", np.zeros((8, 6), np.uint8), ()), IMAGE, "its shape is",
    ),
    "double heatmap": (
        replace(HEATMAP, array=HEATMAP.array.astype(np.float64)), VOLUME, "float32",
    ),
    "falling range": (replace(HEATMAP, range=(1, 0)), VOLUME, "two rising"),
    "endless range": (replace(HEATMAP, range=(0, np.inf)), VOLUME, "two rising"),
    "heatmap with NaN": (
        replace(HEATMAP, array=with_value(HEATMAP.array, np.nan)), VOLUME, "not finite",
    ),
    "heatmap too high": (
        replace(HEATMAP, array=with_value(HEATMAP.array, 1.5)), VOLUME, "outside its declared",
    ),
    "heatmap too low": (
        replace(HEATMAP, array=with_value(HEATMAP.array, -0.5)), VOLUME, "outside its declared",
    ),
    "heatmap in another frame": (
        replace(HEATMAP, grid=moved(GRID, "9")), VOLUME, "another frame",
    ),
    "heatmap off its own grid": (
        replace(HEATMAP, grid=GRID.with_shape((3, 4, 6))), VOLUME, "its own grid's",
    ),
    "heatmap of another shape": (
        replace(HEATMAP, array=HEATMAP.array[:2], grid=None), VOLUME, "the source's is",
    ),
    "heatmap of another image": (
        Heatmap("h", np.zeros((8, 6), np.float32), (0, 1), "cam"), IMAGE, "the source's is",
    ),
    "one id twice": (Detections("d", (DETECTION, DETECTION)), VOLUME, "same id"),
    "flat detection in a volume": (
        Detections("d", (replace(DETECTION, centre=(1.0, 1.0)),)), VOLUME, "needs 3 coordinates",
    ),
    "solid detection in an image": (Detections("d", (DETECTION,)), IMAGE, "needs 2 coordinates"),
    "detection nowhere": (
        Detections("d", (replace(DETECTION, centre=(np.nan, 1.0, 1.0)),)), VOLUME, "not a finite",
    ),
    "detection of no size": (
        Detections("d", (replace(DETECTION, size=(0.0, 1.0, 1.0)),)), VOLUME, "not a finite",
    ),
    "detection with a measure that is none": (
        Detections("d", (replace(DETECTION, measurements=(Quantity("x", np.nan, "mm"),)),)),
        VOLUME, "'x' of '1' is not a finite",
    ),
    "detection with one measure twice": (
        Detections("d", (replace(DETECTION, measurements=(Quantity("x", 1.0, "mm"),) * 2),)),
        VOLUME, "'1' has two measurements of one name",
    ),
    "measurement of another kind of float": (
        Measurements("m", (Quantity("x", cast("float", np.float32("inf")), "mm"),)),
        VOLUME, "not a finite",
    ),
    "tissue that is no number": (
        replace(TILES, tissue_fraction=np.array([0.5, np.nan])), SlideOf100(), "not finite",
    ),
    "score above one": (Detections("d", (replace(DETECTION, score=1.5),)), VOLUME, "0..1"),
    "score below zero": (Detections("d", (replace(DETECTION, score=-0.1),)), VOLUME, "0..1"),
    "score NaN": (
        Detections("d", (replace(DETECTION, score=np.nan),)), VOLUME, "not a finite",
    ),
    "detection outside the volume": (
        Detections("d", (replace(DETECTION, centre=(99.0, 3.0, 8.0)),)), VOLUME, "lies outside",
    ),
    "detection outside the image": (
        Detections("d", (replace(DETECTION, centre=(7.6, 1.0), size=(1.0, 1.0)),)),
        IMAGE,
        "lies outside",
    ),
    "detection outside the slide": (
        Detections("d", (replace(DETECTION, centre=(10.0, 90.0), size=(1.0, 1.0)),)),
        SlideOf100(),
        "lies outside",
    ),
    "one class": (replace(GRADES, classes=(Grade("1", 1.0),)), IMAGE, "two or more"),
    "class twice": (
        replace(GRADES, classes=(Grade("1", 0.5), Grade("1", 0.5))), IMAGE, "different names",
    ),
    "improbable": (
        replace(GRADES, classes=(Grade("0", 0.4), Grade("1", 0.4))), IMAGE, "sum to 1",
    ),
    "negative probability": (
        replace(GRADES, classes=(Grade("0", -0.5), Grade("1", 1.5))), IMAGE, "sum to 1",
    ),
    "unknown class": (replace(GRADES, reported="7"), IMAGE, "none of its classes"),
    "silent refusal": (replace(GRADES, reported=None), IMAGE, "does not say why"),
    "tiles without scores": (
        replace(TILES, scores=np.ones((3, 1))), SlideOf100(), "one row per tile",
    ),
    "tiles with NaN": (
        replace(TILES, scores=np.full((2, 1), np.nan)), SlideOf100(), "not finite",
    ),
    "tile outside": (
        replace(TILES, origin_px=np.array([[0, 0], [100, 0]])), SlideOf100(), "outside the slide",
    ),
    "endless measurement": (
        Measurements("m", (Quantity("x", float("inf")),)), VOLUME, "not a finite number",
    ),
    "measurement that no number of 64 bits holds": (
        Measurements("m", (Quantity("x", 2**70),)), VOLUME, "'x' is too large a whole number",
    ),
    "measurement that no float holds": (
        Measurements("m", (Quantity("x", 10**400),)), VOLUME, "'x' is not a finite number",
    ),
    "measurement that is nothing": (
        Measurements("m", (Quantity("x", cast("float", None)),)), VOLUME, "not a finite number",
    ),
    "detection whose place is text": (
        Detections("d", (replace(DETECTION, centre=cast("Any", ("here", 1.0, 1.0))),)),
        VOLUME,
        "not a finite",
    ),
    "probability that is text": (
        replace(GRADES, classes=(Grade("0", cast("float", "0.4")), Grade("1", 0.6))),
        IMAGE,
        "is not made of what it must be",
    ),
    "detections that are no list": (
        Detections("d", cast("Any", None)), VOLUME, "is not made of what it must be",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("item", "source"), GOOD)
def test_a_sound_finding_has_no_problem(item: Any, source: Any) -> None:
    assert problems(Findings(item), source) == []


@pytest.mark.parametrize("name", BAD)
def test_a_broken_rule_is_named_alone(name: str) -> None:
    item, source, words = BAD[name]
    (problem,) = problems(Findings(item), source)
    assert words in problem
    assert f"'{item.name}'" in problem


def test_two_grids_without_a_frame_are_compared_by_their_places() -> None:
    frameless = Volume(VOLUME.array, moved(GRID, None))
    assert problems(Findings(replace(LABELMAP, grid=moved(GRID, None))), frameless) == []
    off = replace(LABELMAP, grid=moved(GRID, None, by=1.0))
    assert len(problems(Findings(off), frameless)) == 1


def test_anything_but_findings_is_refused() -> None:
    assert problems({"mask": MASK}, VOLUME) == ["The model returned dict, not Findings."]  # type: ignore[arg-type]
    assert problems(Findings(MASK), VOLUME) == ["ndarray is not a kind of finding."]  # type: ignore[arg-type]


def test_every_problem_of_every_finding_is_told() -> None:
    findings = Findings(replace(HEATMAP, range=(1, 0)), replace(GRADES, reported="7"))
    assert len(problems(findings, VOLUME)) == 2
