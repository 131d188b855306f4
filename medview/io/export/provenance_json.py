"""`Provenance` as the JSON object of findings.json, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from medview.core.data.intensity import Intensity
from medview.core.data.series import SlideLevel
from medview.core.data.source import SourceInfo
from medview.core.findings.provenance import ModelIdentity, Provenance, WeightsIdentity
from medview.core.geometry.grid import Grid
from medview.core.notice import Notice

Json = dict[str, Any]


def provenance_to_json(provenance: Provenance) -> Json:
    """All fields, in the order of the published format."""
    model = provenance.model
    return {
        "model": {
            "id": model.id,
            "version": model.version,
            "distribution": model.distribution,
            "api": model.api,
        },
        "weights": [{"name": w.name, "sha256": w.sha256} for w in provenance.weights],
        "parameters": {k: plain(v) for k, v in provenance.parameters.items()},
        "source": _source_to_json(provenance.source),
        "device": provenance.device,
        "precision": provenance.precision,
        "fallbacks": list(provenance.fallbacks),
        "started": provenance.started,
        "duration_s": float(provenance.duration_s),
        "warnings": [w.as_json() for w in provenance.warnings],
        "host_version": provenance.host_version,
        "intended_use": provenance.intended_use,
        "demonstration": provenance.demonstration,
    }


def provenance_from_json(data: Json) -> Provenance:
    """The inverse; raises KeyError, TypeError or ValueError for what is not such an object."""
    return Provenance(
        model=ModelIdentity(**{k: str(data["model"][k]) for k in _MODEL_KEYS}),
        source=_source_from_json(data["source"]),
        device=data["device"],
        precision=data["precision"],
        started=data["started"],
        duration_s=float(data["duration_s"]),
        host_version=data["host_version"],
        intended_use=data["intended_use"],
        weights=tuple(WeightsIdentity(w["name"], w["sha256"]) for w in data["weights"]),
        parameters=dict(data["parameters"]),
        fallbacks=tuple(data["fallbacks"]),
        warnings=_notices(data["warnings"]),
        demonstration=bool(data.get("demonstration", False)),
    )


_MODEL_KEYS = ("id", "version", "distribution", "api")


def grid_to_json(grid: Grid) -> Json:
    """Shape, affine (rows) and frame, exact to the last digit."""
    return {
        "shape": list(grid.shape),
        "index_to_lps": grid.index_to_lps.tolist(),
        "frame_of_reference": grid.frame_of_reference,
    }


def grid_from_json(data: Json) -> Grid:
    """The inverse; raises KeyError, TypeError, ValueError or GeometryError."""
    k, j, i = (int(n) for n in data["shape"])
    return Grid((k, j, i), np.array(data["index_to_lps"], float), data["frame_of_reference"])


def plain(value: object) -> object:
    """`value` with numpy numbers and tuples turned into what JSON knows."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value


def _source_to_json(source: SourceInfo) -> Json:
    return {
        "kind": source.kind,
        "modality": source.modality,
        "study_uid": source.study_uid,
        "series_uid": source.series_uid,
        "frame_of_reference": source.frame_of_reference,
        "time": source.time,
        "fingerprint": source.fingerprint,
        "times": source.times,
        "intensity": source.intensity.value,
        "shape": None if source.shape is None else list(source.shape),
        "spacing_mm": None if source.spacing_mm is None else list(source.spacing_mm),
        "grid": None if source.grid is None else grid_to_json(source.grid),
        "body_part": source.body_part,
        "laterality": source.laterality,
        "attributes": [list(pair) for pair in source.attributes],
        "marks": [mark.as_json() for mark in source.marks],
        "levels": [
            {"width": v.width, "height": v.height, "downsample": v.downsample}
            for v in source.levels
        ],
        "mpp": None if source.mpp is None else list(source.mpp),
    }


def _source_from_json(data: Json) -> SourceInfo:
    grid, shape, spacing, mpp = (data.get(k) for k in ("grid", "shape", "spacing_mm", "mpp"))
    return SourceInfo(
        kind=data["kind"],
        modality=data["modality"],
        intensity=Intensity(data.get("intensity", "arbitrary")),
        grid=None if grid is None else grid_from_json(grid),
        shape=None if shape is None else tuple(int(n) for n in shape),
        spacing_mm=None if spacing is None else tuple(float(n) for n in spacing),
        times=int(data.get("times", 1)),
        time=int(data["time"]),
        study_uid=data["study_uid"],
        series_uid=data["series_uid"],
        frame_of_reference=data["frame_of_reference"],
        body_part=data.get("body_part"),
        laterality=data.get("laterality"),
        attributes=tuple((str(n), str(v)) for n, v in data.get("attributes", ())),
        marks=_notices(data.get("marks", ())),
        levels=tuple(
            SlideLevel(v["width"], v["height"], v["downsample"]) for v in data.get("levels", ())
        ),
        mpp=None if mpp is None else (float(mpp[0]), float(mpp[1])),
        fingerprint=data["fingerprint"],
    )


def _notices(items: Any) -> tuple[Notice, ...]:
    return tuple(Notice(str(n["code"]), str(n["message"])) for n in items)
