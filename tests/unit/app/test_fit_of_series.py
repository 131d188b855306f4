"""From files on disk to the verdict and its reason, before a pixel is read or a worker started."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo, describe_series
from medview.host.card import InputSpec
from medview.host.fit import host_verdict
from medview.io.scan import scan
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from tests.unit.io.series import AXIAL, CORONAL, SAGITTAL, make_grid, rotation

CHEST_CT = InputSpec(
    "volume",
    modalities=("CT",),
    intensity=Intensity.HOUNSFIELD,
    min_slices=10,
    max_spacing_mm=5.0,
    refuse_spacing_mm=20.0,
    body_parts=("CHEST",),
    min_coverage_mm=100.0,
    refuse_coverage_mm=30.0,
    planes=("axial", "coronal"),
)


@dataclass(frozen=True)
class Case:
    """A series as it is written: `kept` are the slices that reach the disk."""

    shape: tuple[int, int, int] = (50, 12, 12)
    spacing: tuple[float, float, float] = (2.5, 4.0, 4.0)
    directions: NDArray[np.float64] = field(default_factory=lambda: AXIAL)
    header: dict[str, object] = field(default_factory=dict)
    lost: tuple[int, ...] = ()


def extra(**elements: object) -> dict[str, object]:
    return {"extra": tuple(elements.items())}


CASES = {
    "a chest CT": (Case(), "fit", ""),
    "an MR": (
        Case(header={"modality": "MR", "slope": 1.0, "intercept": 0.0}),
        "unfit",
        "It needs CT, and this is MR",
    ),
    "thick slices": (Case((20, 12, 12), (8.0, 4.0, 4.0)), "doubtful", "spacing of 8 mm"),
    "slices too far apart": (Case((12, 12, 12), (25.0, 4.0, 4.0)), "unfit", "25 mm is above"),
    "few slices": (Case((9, 12, 12), (4.0, 4.0, 4.0)), "unfit", "at least 10 slices"),
    "a part of the chest": (
        Case((30, 12, 12)),
        "doubtful",
        "covers 75 mm from head to foot",
    ),
    "a sliver": (Case((11, 12, 12)), "unfit", "27.5 mm from head to foot"),
    "coronal slices": (Case((30, 40, 12), (4.0, 4.0, 4.0), CORONAL), "fit", ""),
    "sagittal slices": (
        Case((30, 40, 12), (4.0, 4.0, 4.0), SAGITTAL),
        "doubtful",
        "The slices are sagittal",
    ),
    "slices turned out of every plane": (
        Case((40, 40, 40), (4.0, 4.0, 4.0), rotation((40, 0, 0)) @ AXIAL),
        "doubtful",
        "The slices are oblique",
    ),
    "slices from feet to head": (
        Case(directions=AXIAL * np.array([-1.0, -1.0, 1.0])),
        "fit",
        "",
    ),
    "slices lost in the middle": (
        Case(lost=tuple(range(20, 31))),
        "unfit",
        "a stack of slices, not a trustworthy volume",
    ),
    "a head": (Case(header={"body_part": "HEAD"}), "doubtful", "the header says HEAD"),
    "values that are no Hounsfield units": (
        Case(header=extra(RescaleType="US")),
        "unfit",
        "needs Hounsfield units",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_series_gets_its_verdict_and_the_reason_from_its_headers(
    name: str, tmp_path: Path
) -> None:
    case, fit, told = CASES[name]
    judged = host_verdict(CHEST_CT, described(case, tmp_path))
    assert judged.fit == fit
    assert told in " ".join(judged.reasons)
    assert bool(judged.reasons) == (fit != "fit")


def described(case: Case, folder: Path) -> SourceInfo:
    """What a scan of the series' files tells of it."""
    grid = make_grid(case.shape, case.spacing, case.directions)
    header = SeriesHeader(
        **{"slope": 1.0, "intercept": -1024.0, **case.header}  # type: ignore[arg-type]
    )
    pixels = np.zeros(grid.shape, np.int16)
    paths = write_dicom_series(pixels, folder, grid=grid, header=header, shuffle=True)
    for k in case.lost:
        paths[k].unlink()
    (study,) = scan([folder]).studies
    (series,) = study.series
    return describe_series(series, study.uid)
