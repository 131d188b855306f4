"""Findings of every kind on a volume, an image and a slide."""

from __future__ import annotations

from typing import Any

import numpy as np

from medview.core.data.intensity import Intensity
from medview.core.data.series import SlideLevel
from medview.core.data.source import SourceInfo
from medview.core.findings.base import Findings
from medview.core.findings.detections import Detection, Detections, Quantity
from medview.core.findings.grades import Grade, Grades
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import Code, Label, LabelMap
from medview.core.findings.measurements import Measurements
from medview.core.findings.provenance import ModelIdentity, Provenance, WeightsIdentity
from medview.core.findings.tiles import TileScores
from medview.core.geometry.grid import Grid
from medview.core.notice import Notice

GRID = Grid(
    (4, 5, 6),
    np.array([[0, 0, 0.7, -10], [0, 1.1, 0, 20.0], [2.5, 0, 0, 300.25], [0, 0, 0, 1]]),
    "1.2.840.1",
)
LABELS = (
    Label(1, "Right lung", (200, 100, 50), Code("SCT", "3341006", "Right lung")),
    Label(2, "Left lung", (50, 100, 200)),
)


def provenance(source: SourceInfo) -> Provenance:
    return Provenance(
        model=ModelIdentity("lung-segmentation", "1.0", "medview-lung", "medview.model.v1"),
        source=source,
        device="cuda:0",
        precision="float16",
        started="2026-11-21T03:00:00+00:00",
        duration_s=1.5,
        host_version="0.1",
        intended_use="Research only.",
        weights=(WeightsIdentity("net.safetensors", "ab" * 32),),
        parameters={"closing_mm": 10.0, "method": "classical", "both": True},
        fallbacks=("cuda:0 normal float32",),
        warnings=(Notice("thick-slices", "Slices are 8 mm thick."),),
        demonstration=True,
    )


VOLUME = SourceInfo(
    "volume",
    modality="CT",
    intensity=Intensity.HOUNSFIELD,
    grid=GRID,
    shape=GRID.shape,
    spacing_mm=GRID.spacing_mm,
    times=3,
    time=2,
    study_uid="1.2.3",
    series_uid="1.2.3.4#2",
    frame_of_reference="1.2.840.1",
    body_part="CHEST",
    laterality="R",
    attributes=(("kernel", "B70f"),),
    marks=(Notice("gantry-tilt-corrected", "The gantry was tilted."),),
    fingerprint="cd" * 32,
)
IMAGE = SourceInfo("image", modality="OP", intensity=Intensity.RGB, shape=(7, 9))
SLIDE = SourceInfo("slide", levels=(SlideLevel(1800, 1400, 1.0),), mpp=(0.5, 0.25))


def labels_of(shape: tuple[int, ...], dtype: str = "uint8") -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).integers(0, 3, shape).astype(dtype)


def volume_findings() -> Findings:
    coarse = GRID.resampled((5.0, 2.2, 1.4))
    rng = np.random.default_rng(1)
    return Findings(
        LabelMap("Lungs", labels_of(GRID.shape), LABELS, GRID),
        LabelMap("Lungs", labels_of(GRID.shape, "uint16"), LABELS),
        Heatmap("Nodule / probability", rng.random(coarse.shape, "f4"), (0.0, 1.0), "p", coarse),
        Detections(
            "Nodules",
            (
                Detection(
                    "n1",
                    "nodule",
                    0.75,
                    (-9.5, 20.125, 301.0),
                    (5.5, 5.25, 5.0),
                    (Quantity("diameter", 5.3, "mm"), Quantity("type", "solid", "1")),
                    "accepted",
                ),
            ),
            "candidate score, uncalibrated",
        ),
        Measurements("Volumes", (Quantity("total", 4.5, "ml"), Quantity("side", "both", ""))),
        provenance=provenance(VOLUME),
    )


def image_findings() -> Findings:
    return Findings(
        LabelMap("Lesions", labels_of((7, 9)), LABELS),
        LabelMap("Many", labels_of((7, 9), "uint16") * 300, (Label(300, "a", (1, 2, 3)),)),
        Heatmap("Activation", np.random.default_rng(2).random((7, 9), "f4"), (0.0, 1.0), "cam"),
        Detections("Spots", (Detection("s", "spot", 1.0, (3.5, 2.0), (2.0, 1.0)),)),
        Grades("Grade", tuple(Grade(str(n), 0.2) for n in range(5)), "3"),
        Grades("None", (Grade("0", 0.5), Grade("1", 0.5)), None, "Too blurred."),
        provenance=provenance(IMAGE),
    )


def slide_findings() -> Findings:
    rng = np.random.default_rng(3)
    return Findings(
        TileScores(
            "Tumour",
            np.array([[0, 0], [512, 0], [0, 512]]),
            512,
            1,
            1.0,
            rng.random(3),
            rng.random((3, 2)),
            ("tumour", "stroma"),
        ),
        TileScores(
            "Empty", np.zeros((0, 2), int), 512, 0, None, np.zeros(0), np.zeros((0, 1)), ("s",)
        ),
        LabelMap("Tissue", labels_of((14, 18)), LABELS),
        provenance=provenance(SLIDE),
    )
