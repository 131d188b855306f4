"""The document that ``medview info --json`` prints (schema ``medview.info/1``)."""

from __future__ import annotations

from typing import Any

from medview.core.data.series import Series, Study
from medview.core.geometry.orient import orientation_of
from medview.io.scan import Scan

SCHEMA = "medview.info/1"


def info_document(scan: Scan) -> dict[str, Any]:
    """Everything that a scan found, as values that JSON knows."""
    return {
        "schema": SCHEMA,
        "studies": [_study(study) for study in scan.studies],
        "skipped": [{"path": s.path, "code": s.code, "message": s.message} for s in scan.skipped],
    }


def _study(study: Study) -> dict[str, Any]:
    return {
        "uid": study.uid,
        "date": study.date,
        "description": study.description,
        "patient": {
            "id": study.patient.id,
            "name": study.patient.name,
            "birth_date": study.patient.birth_date,
            "sex": study.patient.sex,
        },
        "series": [_series(series) for series in study.series],
    }


def _series(series: Series) -> dict[str, Any]:
    grid = series.grid
    document: dict[str, Any] = {
        "uid": series.uid,
        "number": series.number,
        "description": series.description,
        "modality": series.modality,
        "kind": series.kind,
        "shape": _listed(series.shape),
        "spacing_mm": _listed(series.spacing_mm),
        "origin_lps_mm": _listed(grid.origin_lps_mm) if grid else None,
        "index_to_lps": grid.index_to_lps.tolist() if grid else None,
        "orientation": orientation_of(grid) if grid else None,
        "intensity": series.intensity.value,
        "times": series.times,
        "frames": series.frames,
        "files": series.files,
        "transfer_syntax": series.transfer_syntax,
        "repairs": [n.as_json() for n in series.repairs],
        "warnings": [n.as_json() for n in series.warnings],
    }
    if series.kind == "slide":
        document["levels"] = [
            {"width": v.width, "height": v.height, "downsample": v.downsample}
            for v in series.levels
        ]
        document["mpp"] = _listed(series.mpp)
    return document


def _listed(values: tuple[float, ...] | None) -> list[float] | None:
    return None if values is None else list(values)
