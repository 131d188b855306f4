"""One finding as its entry of findings.json and the file beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from medview.core.errors import ModelError
from medview.core.findings.base import Finding
from medview.core.findings.detections import Detections
from medview.core.findings.grades import Grades
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import LabelMap
from medview.core.findings.measurements import Measurements
from medview.core.findings.tiles import TileScores
from medview.core.progress import ProgressFn, ignore_progress
from medview.io.export.findings_raster import (
    write_heatmap_tiff,
    write_label_ome_tiff,
    write_label_png,
)
from medview.io.export.nifti import write_nifti
from medview.io.export.provenance_json import Json, grid_to_json
from medview.io.export.tile_csv import write_tiles

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from medview.core.data.source import SourceInfo
    from medview.core.findings.detections import Detection, Quantity
    from medview.core.geometry.grid import Grid


DETECTION_KEYS = {True: ("center_lps_mm", "size_mm"), False: ("center_px", "size_px")}
"""Names of place and size, on volumes or else."""


@dataclass(slots=True)
class ItemWriter:
    """Writes the findings of one run into one folder.

    Attributes
    ----------
    folder : Path
        Exists and is empty at first.
    source : SourceInfo
        What the run was made on; its kind decides the formats.
    progress : callable
        Called while large files are written; may raise `Cancelled`.
    """

    folder: Path
    source: SourceInfo
    progress: ProgressFn = ignore_progress
    _names: set[str] = field(default_factory=set)

    def write(self, item: Finding) -> Json:
        """Write the file of a finding, if it has one, and return its entry.

        Raises
        ------
        ModelError
            If the finding cannot stand on such a source.
        """
        match item:
            case LabelMap():
                return self._labelmap(item)
            case Heatmap():
                return self._heatmap(item)
            case Detections():
                return self._detections(item)
            case TileScores():
                return self._tiles(item)
            case Grades():
                return _grades(item)
            case Measurements():
                return {
                    "type": "measurements",
                    "name": item.name,
                    "items": [{"name": q.name, **_amount(q)} for q in item.items],
                }
        raise ModelError(f"{type(item).__name__} is not a kind of finding.")

    def _labelmap(self, item: LabelMap) -> Json:
        if item.array.dtype not in (np.uint8, np.uint16):
            raise ModelError(f"Label map '{item.name}' holds {item.array.dtype}, not labels.")
        entry: Json = {"type": "labelmap", "name": item.name}
        if self.source.kind == "volume":
            grid = self._grid_of(item)
            entry["file"] = self._file(item.name, ".nii.gz")
            write_nifti(
                self.folder / entry["file"], item.array, grid, labels=True, progress=self.progress
            )
            entry["grid"] = grid_to_json(grid)
            unit_ml = grid.voxel_volume_mm3 / 1000
        elif self.source.kind == "slide":
            unit_ml = None
            entry["file"] = self._file(item.name, ".ome.tiff")
            mpp = self._mpp_of(item.array)
            write_label_ome_tiff(self.folder / entry["file"], item.array, item.name, mpp)
        else:
            unit_ml = None
            entry["file"] = self._file(item.name, ".png")
            write_label_png(self.folder / entry["file"], item.array)
        counts = _counts(item.array)
        entry["labels"] = [
            {
                "value": int(label.value),
                "name": label.name,
                "rgb": [int(part) for part in label.rgb],
                "code": label.code
                and {
                    "scheme": label.code.scheme,
                    "value": label.code.value,
                    "meaning": label.code.meaning,
                },
                "volume_ml": None if unit_ml is None else int(counts[label.value]) * unit_ml,
                "count": int(counts[label.value]),
            }
            for label in item.labels
        ]
        return entry

    def _heatmap(self, item: Heatmap) -> Json:
        entry: Json = {"type": "heatmap", "name": item.name}
        array = item.array.astype(np.float32, copy=False)
        if self.source.kind == "volume":
            grid = self._grid_of(item)
            entry["file"] = self._file(item.name, ".nii.gz")
            write_nifti(self.folder / entry["file"], array, grid, progress=self.progress)
            entry["grid"] = grid_to_json(grid)
        else:
            entry["file"] = self._file(item.name, ".tiff")
            write_heatmap_tiff(self.folder / entry["file"], array)
        entry["range"] = [float(item.range[0]), float(item.range[1])]
        entry["meaning"] = item.meaning
        return entry

    def _detections(self, item: Detections) -> Json:
        return {
            "type": "detections",
            "name": item.name,
            "score_meaning": item.score_meaning,
            "items": [self._detection(d) for d in item.items],
        }

    def _detection(self, d: Detection) -> Json:
        centre, size = DETECTION_KEYS[self.source.kind == "volume"]
        return {
            "id": d.id,
            "label": d.label,
            "score": float(d.score),
            centre: [float(v) for v in d.centre],
            size: [float(v) for v in d.size],
            "measurements": {q.name: _amount(q) for q in d.measurements},
            "review": d.review,
        }

    def _tiles(self, item: TileScores) -> Json:
        name = self._file(item.name, ".csv")
        write_tiles(self.folder / name, item)
        return {
            "type": "tile_scores",
            "name": item.name,
            "file": name,
            "level": item.level,
            "tile_px": item.tile_px,
            "mpp": item.mpp,
            "count": len(item.origin_px),
            "score_names": list(item.score_names),
        }

    def _grid_of(self, item: LabelMap | Heatmap) -> Grid:
        grid = item.grid or self.source.grid
        if grid is None:
            raise ModelError(f"'{item.name}' has no grid, so its place is not known.")
        return grid

    def _mpp_of(self, array: NDArray[np.generic]) -> tuple[float, float] | None:
        if self.source.mpp is None or not self.source.levels:
            return None
        level, (x, y) = self.source.levels[0], self.source.mpp
        return x * level.width / array.shape[1], y * level.height / array.shape[0]

    def _file(self, name: str, suffix: str) -> str:
        """A file name of plain letters that no other finding of this folder has."""
        stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "finding"
        chosen, number = stem + suffix, 2
        while chosen in self._names:
            chosen, number = f"{stem}-{number}{suffix}", number + 1
        self._names.add(chosen)
        return chosen


def _grades(item: Grades) -> Json:
    entry: Json = {
        "type": "grades",
        "name": item.name,
        "classes": [{"name": c.name, "probability": float(c.probability)} for c in item.classes],
        "reported": item.reported,
    }
    if item.reported is None or item.reason:
        entry["reason"] = item.reason
    return entry


def _amount(q: Quantity) -> Json:
    value = q.value if isinstance(q.value, str | int) else float(q.value)
    return {"value": value, "unit": q.unit}


def _counts(array: NDArray[np.generic]) -> NDArray[np.int64]:
    """How often each value occurs, counted slab by slab to leave the interpreter free."""
    counts = np.zeros(256**array.dtype.itemsize, dtype=np.int64)
    for slab in array:
        found = np.bincount(slab.ravel())
        counts[: len(found)] += found
    return counts
