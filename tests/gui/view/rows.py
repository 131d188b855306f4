"""Rows that several tests show."""

from __future__ import annotations

from medview.view.forms.field import FieldRow
from medview.view.models.study_rows import PatientRow, SeriesRow, StudyRow
from medview.view.panels.finding_rows import (
    DetectionRow,
    LabelRow,
    MeasureRow,
    RunRow,
    SectionRow,
)

SERIES = (
    SeriesRow("a", "2  Lung", "CT  400 x 512 x 512"),
    SeriesRow(
        "b", "3  Soft", "CT  120 x 512 x 512", mark="repaired", mark_text="Tilt sheared out."
    ),
    SeriesRow("r", "99  Report", "SR", openable=False),
)
PATIENT = PatientRow("p", "Doe^Jane", "1971", (StudyRow("s", "2026-01-03 CT", "", SERIES),))


FIELDS = (
    FieldRow("closing", "float", 10.0, "Closing", unit="mm", low=0, high=30),
    FieldRow("steps", "int", 3, "Steps", low=1, high=9),
    FieldRow("method", "choice", "fused", "Method", choices=("classical", "fused")),
    FieldRow("airways", "bool", True, "Airways"),
    FieldRow("note", "text", "", "Note"),
)


def findings(visible: bool = True, opacity: float = 0.35) -> RunRow:
    labels = (
        LabelRow(1, "right lung", (90, 160, 230), "2812 ml"),
        LabelRow(2, "left lung", (9, 9, 9)),
    )
    things = tuple(DetectionRow(f"d{i}", f"Nodule {i}", 0.9 - i / 10, "6 mm") for i in range(3))
    return RunRow(
        "run",
        "Lung segmentation",
        "0.1.0  cpu  14 s",
        warnings=("The lungs are cut by the field of view.",),
        sections=(
            SectionRow("mask", "Lungs", labels=labels, visible=visible, opacity=opacity),
            SectionRow("boxes", "Nodules", detections=things, threshold=0.3),
            SectionRow("", "Numbers", measures=(MeasureRow("Density", "-812 HU"),)),
        ),
    )
