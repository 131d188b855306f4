"""The checks that every result passes before it is drawn or saved."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from medview.core.data.image2d import Image2D
from medview.core.data.slide import Slide
from medview.core.data.volume import Volume
from medview.core.findings.base import FINDING_TYPES, Finding, Findings
from medview.core.findings.detections import Detection, Detections, Quantity
from medview.core.findings.grades import Grades
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import LabelMap
from medview.core.findings.measurements import Measurements
from medview.core.findings.tiles import TileScores
from medview.core.geometry.grid import same_grid, same_sampling

Source = Volume | Image2D | Slide

_TOO_LARGE = 2**63
"""Files and the pipe to a worker keep whole numbers of 64 bits."""


def problems(findings: Findings, source: Source) -> list[str]:
    """Every rule that a result breaks, one sentence each; empty when it may be drawn.

    Parameters
    ----------
    findings : Findings
        As the model returned them, already on the axis order of `source`.
    source : Volume, Image2D or Slide
        What the model was run on.
    """
    if not isinstance(findings, Findings):
        return [f"The model returned {type(findings).__name__}, not Findings."]
    found: list[str] = []
    for item in findings.items:
        if type(item) not in FINDING_TYPES:
            found.append(f"{type(item).__name__} is not a kind of finding.")
            continue
        kind = FINDING_TYPES[type(item)]
        try:
            found += [f"{kind} '{item.name}': {p}" for p in _check(item, source)]
        # Nothing holds a plugin to the annotations of what it fills in.
        except (TypeError, ValueError, AttributeError, LookupError, OverflowError) as error:
            found.append(f"{kind} '{item.name}' is not made of what it must be ({error}).")
    return found


def _check(item: Finding, source: Source) -> Iterator[str]:
    match item:
        case LabelMap():
            yield from _labelmap(item, source)
        case Heatmap():
            yield from _heatmap(item, source)
        case Detections():
            yield from _detections(item, source)
        case Grades():
            yield from _grades(item)
        case TileScores():
            yield from _tiles(item, source)
        case Measurements():
            for q in item.items:
                yield from _value(q, f"'{q.name}'")


def _labelmap(item: LabelMap, source: Source) -> Iterator[str]:
    if item.array.dtype not in (np.uint8, np.uint16):
        yield f"values must be uint8 or uint16, not {item.array.dtype}."
        return
    if isinstance(source, Volume):
        if item.grid is not None and not (
            same_grid(item.grid, source.grid)
            or (_frameless(item, source) and same_sampling(item.grid, source.grid))
        ):
            yield "it does not lie on the grid of the source."
            return
        expected: tuple[int, ...] = source.grid.shape
    elif isinstance(source, Image2D):
        expected = source.array.shape[:2]
    else:
        expected = item.array.shape
    if item.array.shape != expected:
        yield f"its shape is {item.array.shape}, the source's is {expected}."
        return
    values = [label.value for label in item.labels]
    limit = 256**item.array.dtype.itemsize - 1
    if len(set(values)) != len(values) or any(not 1 <= v <= limit for v in values):
        yield f"label values must be different and within 1..{limit}."
    declared = {0, *values}
    seen = np.zeros(limit + 1, dtype=bool)
    for slab in item.array:
        seen[slab] = True
    undeclared = sorted(set(np.flatnonzero(seen).tolist()) - declared)
    if undeclared:
        yield f"values {undeclared[:5]} have no declared label."


def _frameless(item: LabelMap | Heatmap, source: Volume) -> bool:
    return (
        item.grid is not None
        and item.grid.frame_of_reference is None
        and source.grid.frame_of_reference is None
    )


def _heatmap(item: Heatmap, source: Source) -> Iterator[str]:
    low, high = item.range
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        yield f"its range {item.range} is not two rising numbers."
        return
    if item.array.dtype != np.float32:
        yield f"values must be float32, not {item.array.dtype}."
        return
    if isinstance(source, Volume):
        if item.grid is None:
            if item.array.shape != source.grid.shape:
                yield f"its shape is {item.array.shape}, the source's is {source.grid.shape}."
                return
        elif item.array.shape != item.grid.shape:
            yield f"its shape is {item.array.shape}, its own grid's is {item.grid.shape}."
            return
        elif (
            item.grid is not source.grid
            and not _frameless(item, source)
            and item.grid.frame_of_reference != source.grid.frame_of_reference
        ):
            yield "it lies in another frame of reference than the source."
            return
    elif isinstance(source, Image2D) and item.array.shape != source.array.shape[:2]:
        yield f"its shape is {item.array.shape}, the source's is {source.array.shape[:2]}."
        return
    slack = 1e-5 * (high - low)
    for slab in item.array:
        if not np.isfinite(slab).all():
            yield "it holds values that are not finite."
            return
        if slab.size and (slab.min() < low - slack or slab.max() > high + slack):
            yield f"it holds values outside its declared range {item.range}."
            return


def _detections(item: Detections, source: Source) -> Iterator[str]:
    ids = [d.id for d in item.items]
    if len(set(ids)) != len(ids):
        yield "two detections have the same id."
    axes = 3 if isinstance(source, Volume) else 2
    for d in item.items:
        if len(d.centre) != axes or len(d.size) != axes:
            yield f"'{d.id}' needs {axes} coordinates."
        elif not _are_finite(*d.centre, *d.size, d.score) or min(d.size) <= 0:
            yield f"'{d.id}' has a place, size or score that is not a finite, positive number."
        elif not 0 <= d.score <= 1:
            yield f"the score of '{d.id}' is {d.score:g}, not within 0..1."
        elif not _inside(d.centre, source):
            yield f"'{d.id}' lies outside the source."
        yield from _measures(d)


def _measures(d: Detection) -> Iterator[str]:
    names = [q.name for q in d.measurements]
    if len(set(names)) != len(names):
        yield f"'{d.id}' has two measurements of one name."
    for q in d.measurements:
        yield from _value(q, f"'{q.name}' of '{d.id}'")


def _value(q: Quantity, named: str) -> Iterator[str]:
    if isinstance(q.value, str):
        return
    if not _are_finite(q.value):
        yield f"the value of {named} is not a finite number."
    elif isinstance(q.value, int) and abs(q.value) >= _TOO_LARGE:
        yield f"the value of {named} is too large a whole number to be kept."


def _are_finite(*values: object) -> bool:
    # Numbers of numpy are of no class that Python's numbers are of, and a whole number
    # of Python may be larger than any that numpy has.
    try:
        return all(np.isfinite(v if isinstance(v, np.generic) else float(v)) for v in values)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False


def _inside(centre: tuple[float, ...], source: Source) -> bool:
    if isinstance(source, Volume):
        return bool(source.grid.contains(centre))
    if isinstance(source, Image2D):
        height, width = source.array.shape[:2]
    else:
        width, height = source.levels[0].width, source.levels[0].height
    x, y = centre
    return bool(-0.5 <= x <= width - 0.5 and -0.5 <= y <= height - 0.5)


def _grades(item: Grades) -> Iterator[str]:
    names = [c.name for c in item.classes]
    p = np.array([c.probability for c in item.classes])
    if len(p) < 2 or len(set(names)) != len(names):
        yield "it needs two or more classes with different names."
    elif not np.isfinite(p).all() or (p < 0).any() or abs(p.sum() - 1) > 1e-3:
        yield "its probabilities must be finite, not negative, and sum to 1."
    if item.reported is None and not item.reason:
        yield "it reports no class and does not say why."
    elif item.reported is not None and item.reported not in names:
        yield f"it reports '{item.reported}', which is none of its classes."


def _tiles(item: TileScores, source: Source) -> Iterator[str]:
    n = len(item.origin_px)
    if item.scores.shape != (n, len(item.score_names)) or item.tissue_fraction.shape != (n,):
        yield "origins, tissue fractions and scores must have one row per tile."
    elif not (np.isfinite(item.scores).all() and np.isfinite(item.tissue_fraction).all()):
        yield "it holds scores or tissue fractions that are not finite."
    elif isinstance(source, Slide) and n:
        size = (source.levels[0].width, source.levels[0].height)
        if (item.origin_px < 0).any() or (item.origin_px >= size).any():
            yield "a tile lies outside the slide."
