"""The findings of a run in a few lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from medview.core.findings.base import Finding, Findings
from medview.core.findings.detections import Detections
from medview.core.findings.grades import Grades
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import LabelMap
from medview.core.findings.measurements import Measurements
from medview.core.findings.tiles import TileScores
from medview.core.units import measured_in_words


def lines_of(findings: Findings) -> list[str]:
    """One heading for each finding, with what it holds below."""
    lines: list[str] = []
    for item in findings.items:
        lines.append(item.name)
        lines += [f"  {line}" for line in _content(item)]
    return lines


def _content(item: Finding) -> Iterator[str]:
    match item:
        case LabelMap():
            for label in item.labels:
                volume = item.volume_ml(label.value)
                pixels = f"{item.voxels(label.value)} pixels"
                yield f"{label.name}: {pixels if volume is None else f'{volume:.1f} ml'}"
        case Detections():
            yield f"{len(item.items)} found ({item.score_meaning})"
            for found in item.items:
                size = " x ".join(f"{extent:.1f}" for extent in found.size)
                unit = "mm" if len(found.size) == 3 else "px"
                yield f"{found.id}: {found.label}, {found.score:.2f}, {size} {unit}"
        case Grades():
            yield item.reported or f"not gradable: {item.reason}"
            for grade in item.classes:
                yield f"{grade.name}: {grade.probability:.3f}"
        case Measurements():
            for quantity in item.items:
                yield f"{quantity.name}: {measured_in_words(quantity.value, quantity.unit)}"
        case Heatmap():
            yield f"{item.meaning}, {item.range[0]:g} to {item.range[1]:g}"
        case TileScores():
            yield f"{len(item.origin_px)} tiles: {', '.join(item.score_names)}"
