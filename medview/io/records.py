"""Studies and series as JSON values and back, for the index of what was scanned."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from medview.core.data.intensity import Intensity, Window
from medview.core.data.series import Patient, Series, SeriesKind, SlideLevel, Study
from medview.core.geometry.grid import Grid
from medview.core.notice import Notice

SCHEMA = 3
"""Raised whenever a record changes its meaning; older rows are then forgotten."""


def study_to_json(study: Study) -> dict[str, Any]:
    """A study without its series."""
    patient = study.patient
    return {
        "uid": study.uid,
        "date": study.date,
        "description": study.description,
        "patient": [patient.id, patient.name, patient.birth_date, patient.sex],
    }


def study_from_json(record: dict[str, Any], series: tuple[Series, ...]) -> Study:
    """The study that `study_to_json` wrote, with its series."""
    return Study(
        uid=record["uid"],
        date=record["date"],
        description=record["description"],
        patient=Patient(*record["patient"]),
        series=series,
    )


def series_to_json(series: Series) -> dict[str, Any]:
    """Everything that a `Series` says."""
    window, grid = series.window, series.grid
    return {
        "uid": series.uid,
        "kind": series.kind,
        "modality": series.modality,
        "number": series.number,
        "description": series.description,
        "shape": series.shape,
        "matrix": None if grid is None else grid.index_to_lps.tolist(),
        "grid_frame": None if grid is None else grid.frame_of_reference,
        "spacing_mm": series.spacing_mm,
        "intensity": series.intensity.value,
        "times": series.times,
        "files": series.files,
        "frames": series.frames,
        "transfer_syntax": series.transfer_syntax,
        "frame_of_reference": series.frame_of_reference,
        "repairs": [(n.code, n.message) for n in series.repairs],
        "warnings": [(n.code, n.message) for n in series.warnings],
        "window": None if window is None else (window.width, window.level),
        "levels": [(v.width, v.height, v.downsample) for v in series.levels],
        "mpp": series.mpp,
        "attributes": series.attributes,
    }


def series_from_json(record: dict[str, Any]) -> Series:
    """The series that `series_to_json` wrote."""
    shape = _tuple(record["shape"])
    grid = None
    if record["matrix"] is not None and shape is not None:
        k, j, i = shape
        grid = Grid((k, j, i), np.asarray(record["matrix"]), record["grid_frame"])
    mpp = record["mpp"]
    return Series(
        uid=record["uid"],
        kind=cast("SeriesKind", record["kind"]),
        modality=record["modality"],
        number=record["number"],
        description=record["description"],
        shape=shape,
        grid=grid,
        spacing_mm=_tuple(record["spacing_mm"]),
        intensity=Intensity(record["intensity"]),
        times=record["times"],
        files=record["files"],
        frames=record["frames"],
        transfer_syntax=record["transfer_syntax"],
        frame_of_reference=record["frame_of_reference"],
        repairs=tuple(Notice(*n) for n in record["repairs"]),
        warnings=tuple(Notice(*n) for n in record["warnings"]),
        window=None if record["window"] is None else Window(*record["window"]),
        levels=tuple(SlideLevel(*v) for v in record["levels"]),
        mpp=None if mpp is None else (mpp[0], mpp[1]),
        attributes=tuple((name, value) for name, value in record["attributes"]),
    )


def _tuple(values: list[Any] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(values)
