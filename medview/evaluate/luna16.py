"""Reads reference findings as LUNA16 distributes them (``annotations.csv``)."""

from __future__ import annotations

import csv
from pathlib import Path

from medview.core.errors import InputError
from medview.evaluate.detection import ReferenceFinding

_COLUMNS = ("seriesuid", "coordX", "coordY", "coordZ", "diameter_mm")


def read_annotations(
    path: Path, *, excluded: Path | None = None
) -> dict[str, list[ReferenceFinding]]:
    """Reference findings by SeriesInstanceUID.

    Parameters
    ----------
    path : Path
        CSV with columns ``seriesuid, coordX, coordY, coordZ, diameter_mm``;
        coordinates are LPS millimetres (world coordinates of the MetaImage files).
    excluded : Path, optional
        ``annotations_excluded.csv``: findings that count neither way. A
        diameter below zero there means unknown; such a finding is given 10 mm.

    Raises
    ------
    InputError
        If a column is missing or a number cannot be read, with the line.
    """
    findings: dict[str, list[ReferenceFinding]] = {}
    for file, relevant in ((path, True), (excluded, False)):
        if file is None:
            continue
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows = csv.DictReader(stream)
            missing = [c for c in _COLUMNS if c not in (rows.fieldnames or ())]
            if missing:
                raise InputError(f"{file.name} lacks the column {', '.join(missing)}.")
            for row in rows:
                try:
                    x, y, z, d = (float(row[c]) for c in _COLUMNS[1:])
                except (TypeError, ValueError):
                    raise InputError(
                        f"Line {rows.line_num} of {file.name} holds no position and diameter."
                    ) from None
                finding = ReferenceFinding((x, y, z), d if d > 0 else 10.0, relevant)
                findings.setdefault(row["seriesuid"], []).append(finding)
    return findings
