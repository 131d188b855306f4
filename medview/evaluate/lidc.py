"""Reads the radiologists' marks of an LIDC-IDRI scan (XML) as reference findings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

import numpy as np
from defusedxml.ElementTree import parse
from numpy.typing import NDArray

from medview.core.errors import InputError
from medview.core.geometry.grid import Grid
from medview.evaluate.detection import ReferenceFinding

_NAMESPACE = "{http://www.nih.gov}"
MIN_READERS = 3
"""Findings marked by fewer readers count neither way (LUNA16)."""


@dataclass(frozen=True, eq=False, slots=True)
class Contour:
    """One outline of a nodule on one slice, as one reader drew it.

    Attributes
    ----------
    z_mm : float
        ``imageZposition``: z of the slice in LPS millimetres.
    points_px : (n, 2) ndarray
        Column, row of the pixels just outside the nodule.
    included : bool
        False for a hole.
    """

    z_mm: float
    points_px: NDArray[np.float64]
    included: bool


@dataclass(frozen=True, slots=True)
class ReaderNodule:
    """One nodule of 3 mm or more as one reader outlined it."""

    reader: int
    contours: tuple[Contour, ...]


@dataclass(frozen=True, slots=True)
class LidcReading:
    """All outlined nodules of one scan."""

    series_uid: str
    nodules: tuple[ReaderNodule, ...]


def read_lidc(path: Path) -> LidcReading:
    """Read the nodules of 3 mm or more from one LIDC-IDRI XML file.

    Marks of a single point are nodules below 3 mm and are left out.

    Raises
    ------
    InputError
        If the file is no LIDC reading.
    """
    try:
        root = parse(path).getroot()
    except ParseError as error:
        raise InputError(f"{path.name} is not a complete XML file ({error}).") from None
    if root is None or root.tag != f"{_NAMESPACE}LidcReadMessage":
        raise InputError(f"{path.name} is not an LIDC reading.")
    uid = root.findtext(f"./{_NAMESPACE}ResponseHeader/{_NAMESPACE}SeriesInstanceUid", "")
    nodules = []
    for reader, session in enumerate(root.iter(f"{_NAMESPACE}readingSession"), start=1):
        for nodule in session.iter(f"{_NAMESPACE}unblindedReadNodule"):
            contours = tuple(_contour(roi) for roi in nodule.iter(f"{_NAMESPACE}roi"))
            if any(len(c.points_px) > 1 for c in contours):
                nodules.append(ReaderNodule(reader, contours))
    return LidcReading(uid.strip(), tuple(nodules))


def _contour(roi: Element) -> Contour:
    points = [
        (float(e.findtext(f"{_NAMESPACE}xCoord", "")), float(e.findtext(f"{_NAMESPACE}yCoord", "")))
        for e in roi.iter(f"{_NAMESPACE}edgeMap")
    ]
    z = float(roi.findtext(f"{_NAMESPACE}imageZposition", "nan"))
    included = roi.findtext(f"{_NAMESPACE}inclusion", "TRUE").strip().upper() == "TRUE"
    return Contour(z, np.array(points, dtype=np.float64).reshape(-1, 2), included)


def area_and_centroid(points_px: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Area (square pixels) and centroid (column, row) inside a closed outline.

    A degenerate outline has area 0 and the mean of its points.
    """
    x, y = points_px[:, 0], points_px[:, 1]
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    area = cross.sum() / 2
    if abs(area) < 1e-9:
        return 0.0, points_px.mean(axis=0)
    centre = [((v + np.roll(v, -1)) * cross).sum() / (6 * area) for v in (x, y)]
    return abs(float(area)), np.array(centre)


def reference_findings(
    reading: LidcReading, grid: Grid, *, min_readers: int = MIN_READERS
) -> list[ReferenceFinding]:
    """Nodules of all readers, joined where they overlap.

    Parameters
    ----------
    reading : LidcReading
    grid : Grid
        Of the CT series (axial): turns pixels into LPS millimetres.
    min_readers : int
        From how many readers on a nodule is relevant.

    Returns
    -------
    list of ReferenceFinding
        Centre and equivalent-sphere diameter are means over the readers.
    """
    marks = [(n.reader, *_centre_and_diameter(n, grid)) for n in reading.nodules]
    groups: list[list[_Mark]] = []
    for mark in marks:
        home = next(
            (
                g
                for g in groups
                for m in g
                if np.linalg.norm(m[1] - mark[1]) < max(m[2], mark[2]) / 2
            ),
            None,
        )
        if home is None:
            groups.append([mark])
        else:
            home.append(mark)
    findings = []
    for group in groups:
        x, y, z = (float(v) for v in np.mean([m[1] for m in group], axis=0))
        readers = len({m[0] for m in group})
        diameter = float(np.mean([m[2] for m in group]))
        findings.append(ReferenceFinding((x, y, z), diameter, readers >= min_readers))
    return findings


_Mark = tuple[int, NDArray[np.float64], float]
"""Reader, centre in LPS millimetres, diameter in millimetres."""


def _centre_and_diameter(nodule: ReaderNodule, grid: Grid) -> tuple[NDArray[np.float64], float]:
    step = abs(float(grid.index_to_lps[2, 0])) or grid.spacing_mm[0]
    pixel = grid.spacing_mm[1] * grid.spacing_mm[2]
    volume, moment, plain = 0.0, np.zeros(3), []
    for contour in nodule.contours:
        area, (column, row) = area_and_centroid(contour.points_px)
        x, y, _ = grid.to_lps((0.0, row, column))
        place = np.array([x, y, contour.z_mm])
        share = area * pixel * step * (1 if contour.included else -1)
        volume += share
        moment += share * place
        plain.append(place)
    if volume <= 0:
        return np.mean(plain, axis=0), 3.0
    return moment / volume, 2 * math.pow(3 * volume / (4 * math.pi), 1 / 3)
