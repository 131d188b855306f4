"""The codec of findings: untrusted when they come from a worker, so every part is checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from medview.core.errors import MedviewError
from medview.core.findings.base import FINDING_TYPES, Finding, Findings
from medview.core.findings.detections import Detection, Detections, Quantity
from medview.core.findings.grades import Grade, Grades
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import Label, LabelMap
from medview.core.findings.measurements import Measurements
from medview.core.findings.tiles import TileScores
from medview.core.geometry.grid import Grid
from medview.worker.blocks import Blocks
from medview.worker.lists import MOST_BYTES, put_list, take_list
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
            labels = put_list(item.labels, blocks, f"'{item.name}'.labels")
            parts = {"labels": labels, "grid": encode(item.grid)}
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
    where = _RECORDS[kind][1]
    record: Any = item
    items = put_list(getattr(record, where), blocks, f"'{record.name}'.{where}")
    return {"type": kind, "record": encode(replace(record, **{where: ()})), "items": items}


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
    left = _Left(most_bytes, MOST_BYTES)
    items: list[Finding] = []
    for entry in data:
        if not isinstance(entry, dict):
            raise CodecError("A finding is not in order.")
        try:
            items.append(_decoded(entry, blocks, left))
        except CodecError:
            raise
        except (KeyError, TypeError, ValueError, MedviewError) as error:
            raise CodecError(f"A finding is not in order ({type(error).__name__}).") from error
    return Findings(*items)


@dataclass
class _Left:
    """Bytes that the rest of a result may have."""

    arrays: int
    lists: int


def _decoded(entry: dict[str, Any], blocks: Blocks, left: _Left) -> Finding:
    kind = entry.get("type")
    if kind in _RECORDS:
        record, where, part = _RECORDS[kind]
        head = read(record, entry["record"], str(kind))
        if getattr(head, where):
            raise CodecError(f"'{head.name}' is not in order.")
        items = _list(part, entry["items"], blocks, left, f"'{head.name}'.{where}")
        return cast("Finding", replace(head, **{where: items}))
    name = read(str, entry.get("name"), "the name of a finding")
    if kind == "tile_scores":
        return _tiles(entry, name, blocks, left)
    if kind not in ("labelmap", "heatmap"):
        raise CodecError("A finding is of no known kind.")
    grid = read(Grid | None, entry["grid"], f"'{name}'.grid")
    array = blocks.take(entry["array"], left.arrays)
    left.arrays -= array.nbytes
    if array.ndim not in (2, 3):
        raise CodecError(f"'{name}' has {array.ndim} axes.")
    if kind == "labelmap":
        labels = _list(Label, entry["labels"], blocks, left, f"'{name}'.labels")
        return LabelMap(name, array, labels, grid)
    limits = read(tuple[float, float], entry["range"], f"'{name}'.range")
    meaning = read(str, entry["meaning"], f"'{name}'.meaning")
    return Heatmap(name, array, limits, meaning, grid)


def _list(kind: type, data: object, blocks: Blocks, left: _Left, where: str) -> Any:
    items, used = take_list(kind, data, blocks, left.lists, where)
    left.lists -= used
    return items


def _tiles(entry: dict[str, Any], name: str, blocks: Blocks, left: _Left) -> TileScores:
    origin, fraction, scores = (blocks.take(entry[n], left.arrays // 3) for n in _TILE_ARRAYS)
    left.arrays -= origin.nbytes + fraction.nbytes + scores.nbytes
    if origin.ndim != 2 or origin.shape[1] != 2 or fraction.ndim != 1 or scores.ndim != 2:
        raise CodecError(f"The tiles of '{name}' have a wrong number of axes.")
    if origin.dtype.kind not in "iu" or fraction.dtype.kind != "f" or scores.dtype.kind != "f":
        raise CodecError(f"The tiles of '{name}' hold values of a wrong kind.")
    if len(origin) > 100 * MAX_ITEMS:
        raise CodecError(f"'{name}' has too many tiles.")
    return TileScores(
        name,
        origin.astype("int64"),
        read(int, entry["tile_px"], f"'{name}'.tile_px"),
        read(int, entry["level"], f"'{name}'.level"),
        read(float | None, entry["mpp"], f"'{name}'.mpp"),
        fraction.astype("float64"),
        scores.astype("float64"),
        read(tuple[str, ...], entry["score_names"], f"'{name}'.score_names"),
    )


_RECORDS: dict[object, tuple[Any, str, type]] = {
    "detections": (Detections, "items", Detection),
    "grades": (Grades, "classes", Grade),
    "measurements": (Measurements, "items", Quantity),
}
"""What consists of a list, the field that holds it, and what it is made of."""
