"""An entry of findings.json, and the file it names, back into a finding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from medview.core.errors import InputError
from medview.core.findings.base import Finding
from medview.core.findings.detections import Detection, Detections, Quantity
from medview.core.findings.grades import Grade, Grades
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import Code, Label, LabelMap
from medview.core.findings.measurements import Measurements
from medview.core.findings.tiles import TileScores
from medview.core.geometry.grid import Grid, same_sampling
from medview.io.export.findings_items import DETECTION_KEYS
from medview.io.export.findings_raster import read_raster
from medview.io.export.nifti import read_nifti
from medview.io.export.provenance_json import Json, grid_from_json
from medview.io.export.tile_csv import read_tiles

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from medview.core.data.source import SourceInfo


@dataclass(frozen=True, slots=True)
class ItemReader:
    """Reads the findings of one folder.

    Attributes
    ----------
    folder : Path
    source : SourceInfo
        As the provenance describes it.
    """

    folder: Path
    source: SourceInfo

    def read(self, data: Json) -> Finding:
        """Read one entry.

        Raises
        ------
        InputError
            If its file is absent or damaged, or its type is unknown.
        KeyError, TypeError, ValueError
            If the entry is not as the format says.
        """
        match data["type"]:
            case "labelmap":
                return self._labelmap(data)
            case "heatmap":
                return self._heatmap(data)
            case "detections":
                return self._detections(data)
            case "tile_scores":
                return self._tiles(data)
            case "grades":
                classes = tuple(Grade(c["name"], c["probability"]) for c in data["classes"])
                return Grades(data["name"], classes, data["reported"], data.get("reason", ""))
            case "measurements":
                items = tuple(_quantity(q["name"], q) for q in data["items"])
                return Measurements(data["name"], items)
        raise InputError(
            f"The findings hold '{data['type']}', which this version of medview does not know.",
            code="findings-unknown",
        )

    def _labelmap(self, data: Json) -> LabelMap:
        labels = tuple(
            Label(int(v["value"]), v["name"], _rgb(v["rgb"]), _code(v.get("code")))
            for v in data["labels"]
        )
        array, grid = self._field(data, ("uint8", "uint16"))
        return LabelMap(data["name"], array, labels, grid)

    def _heatmap(self, data: Json) -> Heatmap:
        array, grid = self._field(data, ("float32",))
        low, high = (float(v) for v in data["range"])
        return Heatmap(data["name"], array, (low, high), data["meaning"], grid)

    def _field(
        self, data: Json, dtypes: tuple[str, ...]
    ) -> tuple[NDArray[np.generic], Grid | None]:
        path = self._file(data)
        if self.source.kind != "volume":
            return read_raster(path, dtypes), None
        array, grid = read_nifti(path, self.source.frame_of_reference)
        if array.dtype.name not in dtypes:
            raise InputError(f"'{path.name}' holds {array.dtype}.", code="findings-damaged")
        return array, self._exact(grid, data.get("grid"))

    def _exact(self, grid: Grid, stated: Json | None) -> Grid:
        """The grid to the last digit where findings.json has it, and the source's own object.

        NIfTI keeps single precision only, and cannot say that two grids of
        unknown frame are one.
        """
        if stated is not None:
            exact = grid_from_json(stated)
            if not same_sampling(exact, grid, 1e-2):
                raise InputError(
                    "A file of these findings lies at another place than findings.json says.",
                    code="findings-damaged",
                )
            grid = exact
        own = self.source.grid
        is_own = own is not None and (
            own.frame_of_reference == grid.frame_of_reference and same_sampling(own, grid)
        )
        return own if own is not None and is_own else grid

    def _detections(self, data: Json) -> Detections:
        centre, size = DETECTION_KEYS[self.source.kind == "volume"]
        items = tuple(
            Detection(
                id=d["id"],
                label=d["label"],
                score=float(d["score"]),
                centre=tuple(float(v) for v in d[centre]),
                size=tuple(float(v) for v in d[size]),
                measurements=tuple(_quantity(n, q) for n, q in d["measurements"].items()),
                review=d.get("review", "open"),
            )
            for d in data["items"]
        )
        return Detections(data["name"], items, data.get("score_meaning", "score"))

    def _tiles(self, data: Json) -> TileScores:
        origins, tissue, scores, names = read_tiles(self._file(data))
        return TileScores(
            name=data["name"],
            origin_px=origins,
            tile_px=int(data["tile_px"]),
            level=int(data["level"]),
            mpp=None if data["mpp"] is None else float(data["mpp"]),
            tissue_fraction=tissue,
            scores=scores,
            score_names=names,
        )

    def _file(self, data: Json) -> Path:
        name = str(data["file"])
        # A folder may come from anywhere: its names must not lead out of it.
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
            raise InputError(
                "These findings name a file outside their folder.", code="findings-damaged"
            )
        path = self.folder / name
        if not path.is_file():
            raise InputError(f"'{name}' is missing from the findings.", code="findings-damaged")
        return path


def _quantity(name: str, data: Json) -> Quantity:
    return Quantity(name, data["value"], data["unit"])


def _rgb(values: Any) -> tuple[int, int, int]:
    r, g, b = (int(v) for v in values)
    return r, g, b


def _code(data: Json | None) -> Code | None:
    return None if data is None else Code(data["scheme"], data["value"], data["meaning"])
