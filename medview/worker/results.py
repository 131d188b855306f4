"""The codec of findings: untrusted when they come from a worker, so every part is checked."""

from __future__ import annotations

from typing import Any, cast

from medview.core.errors import MedviewError
from medview.core.findings.base import FINDING_TYPES, Finding, Findings
from medview.core.findings.detections import Detections
from medview.core.findings.grades import Grades
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import Label, LabelMap
from medview.core.findings.measurements import Measurements
from medview.core.findings.tiles import TileScores
from medview.core.geometry.grid import Grid
from medview.worker.blocks import Blocks
from medview.worker.structure import MAX_ITEMS, CodecError, encode
from medview.worker.structure import read_value as read

MAX_FINDINGS = 256


def encode_findings(result: object, blocks: Blocks) -> list[dict[str, Any]]:
    """JSON of what ``run`` returned; arrays go into blocks.

    Raises
    ------
    CodecError
        If it is no `Findings`, or holds what is no kind of finding.
    """
    if not isinstance(result, Findings):
        raise CodecError(f"The model returned {type(result).__name__}, not Findings.")
    return [_encoded(item, blocks) for item in result.items]


def _encoded(item: object, blocks: Blocks) -> dict[str, Any]:
    kind = FINDING_TYPES.get(type(item))
    if kind is None:
        raise CodecError(f"{type(item).__name__} is not a kind of finding.")
    match item:
        case LabelMap():
            parts = {"labels": encode(item.labels), "grid": encode(item.grid)}
            return {"type": kind, "name": item.name, "array": blocks.put(item.array), **parts}
        case Heatmap():
            return {
                "type": kind,
                "name": item.name,
                "array": blocks.put(item.array),
                "range": encode(item.range),
                "meaning": item.meaning,
                "grid": encode(item.grid),
            }
        case TileScores():
            return {
                "type": kind,
                **{n: encode(getattr(item, n)) for n in ("name", "tile_px", "level", "mpp")},
                **{n: blocks.put(getattr(item, n)) for n in _TILE_ARRAYS},
                "score_names": encode(item.score_names),
            }
    return {"type": kind, "record": encode(item)}


_TILE_ARRAYS = ("origin_px", "tissue_fraction", "scores")


def decode_findings(data: object, blocks: Blocks, most_bytes: int) -> Findings:
    """Findings as a worker sent them; shapes against the source are checked afterwards.

    Parameters
    ----------
    data : object
        JSON of unknown honesty.
    blocks : Blocks
        Where the arrays lie; their files are removed.
    most_bytes : int
        Of all arrays together.

    Raises
    ------
    CodecError
        If any part is not what it must be.
    """
    if not isinstance(data, list) or len(data) > MAX_FINDINGS:
        raise CodecError(f"The model returned more than {MAX_FINDINGS} findings, or no list.")
    items: list[Finding] = []
    for entry in data:
        if not isinstance(entry, dict):
            raise CodecError("A finding is not in order.")
        try:
            item, used = _decoded(entry, blocks, most_bytes)
        except CodecError:
            raise
        except (KeyError, TypeError, ValueError, MedviewError) as error:
            raise CodecError(f"A finding is not in order ({type(error).__name__}).") from error
        most_bytes -= used
        items.append(item)
    return Findings(*items)


def _decoded(entry: dict[str, Any], blocks: Blocks, most: int) -> tuple[Finding, int]:
    kind = entry.get("type")
    if kind in _RECORDS:
        return cast("Finding", read(_RECORDS[kind], entry["record"], str(kind))), 0
    name = read(str, entry.get("name"), "the name of a finding")
    if kind == "tile_scores":
        return _tiles(entry, name, blocks, most)
    if kind not in ("labelmap", "heatmap"):
        raise CodecError("A finding is of no known kind.")
    grid = read(Grid | None, entry["grid"], f"'{name}'.grid")
    array = blocks.take(entry["array"], most)
    if array.ndim not in (2, 3):
        raise CodecError(f"'{name}' has {array.ndim} axes.")
    if kind == "labelmap":
        labels = read(tuple[Label, ...], entry["labels"], f"'{name}'.labels")
        return LabelMap(name, array, labels, grid), array.nbytes
    limits = read(tuple[float, float], entry["range"], f"'{name}'.range")
    meaning = read(str, entry["meaning"], f"'{name}'.meaning")
    return Heatmap(name, array, limits, meaning, grid), array.nbytes


def _tiles(entry: dict[str, Any], name: str, blocks: Blocks, most: int) -> tuple[TileScores, int]:
    origin, fraction, scores = (blocks.take(entry[n], most // 3) for n in _TILE_ARRAYS)
    if origin.ndim != 2 or origin.shape[1] != 2 or fraction.ndim != 1 or scores.ndim != 2:
        raise CodecError(f"The tiles of '{name}' have a wrong number of axes.")
    if origin.dtype.kind not in "iu" or fraction.dtype.kind != "f" or scores.dtype.kind != "f":
        raise CodecError(f"The tiles of '{name}' hold values of a wrong kind.")
    if len(origin) > 100 * MAX_ITEMS:
        raise CodecError(f"'{name}' has too many tiles.")
    item = TileScores(
        name,
        origin.astype("int64"),
        read(int, entry["tile_px"], f"'{name}'.tile_px"),
        read(int, entry["level"], f"'{name}'.level"),
        read(float | None, entry["mpp"], f"'{name}'.mpp"),
        fraction.astype("float64"),
        scores.astype("float64"),
        read(tuple[str, ...], entry["score_names"], f"'{name}'.score_names"),
    )
    return item, origin.nbytes + fraction.nbytes + scores.nbytes


_RECORDS: dict[object, type] = {
    "detections": Detections,
    "grades": Grades,
    "measurements": Measurements,
}
