"""Findings folders and mask files with a known content."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.findings.base import Finding, Findings
from medview.core.findings.detections import Detection, Detections
from medview.core.findings.labelmap import Label, LabelMap
from medview.core.findings.provenance import ModelIdentity, Provenance
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.io.export.findings_folder import write_findings

FRAME = "1.2.826.0.1.3680043.9.77"


def axial(
    shape: tuple[int, int, int] = (20, 30, 40),
    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0),
    origin: tuple[float, float, float] = (-20.0, -15.0, 100.0),
    frame: str | None = FRAME,
) -> Grid:
    return Grid(shape, compose(origin, np.eye(3)[:, ::-1], spacing), frame)


def save(
    folder: Path, *items: Finding, grid: Grid | None = None, series_uid: str | None = None
) -> Path:
    """Write items as the findings of a run on a CT with that grid; on an image without one."""
    info = SourceInfo(
        "volume" if grid else "image",
        "CT" if grid else None,
        Intensity.HOUNSFIELD if grid else Intensity.RGB,
        series_uid=series_uid,
        frame_of_reference=grid.frame_of_reference if grid else None,
        shape=None if grid else (64, 64),
    )
    origin = Provenance(
        model=ModelIdentity("m", "1", "d", "medview.model.v1"),
        source=info.on_grid(grid) if grid else info,
        device="cpu",
        precision="float32",
        started="2026-01-01T00:00:00+00:00",
        duration_s=1.0,
        host_version="0",
        intended_use="Tests.",
    )
    write_findings(folder, Findings(*items, provenance=origin))
    return folder


def labelmap(
    array: NDArray[np.generic], labels: Sequence[int] = (1,), *, grid: Grid | None = None
) -> LabelMap:
    named = tuple(Label(value, f"label {value}", (255, 0, 0)) for value in labels)
    return LabelMap("Labels", array.astype(np.uint8), named, grid)


def detections(*found: tuple[float, float, float, float]) -> Detections:
    """Detections of (x, y, z, score)."""
    return Detections(
        "Nodules",
        tuple(
            Detection(f"n{n}", "nodule", score, (x, y, z), (5.0, 5.0, 5.0))
            for n, (x, y, z, score) in enumerate(found)
        ),
    )


def mask_file(path: Path, array: NDArray[np.generic], grid: Grid) -> Path:
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(grid.spacing_mm[::-1])
    image.SetOrigin(grid.origin_lps_mm)
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(image, str(path))
    return path
