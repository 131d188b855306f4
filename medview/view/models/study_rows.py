"""Records that the study browser shows: patients, studies, series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mark = Literal["", "repaired", "untrusted", "note"]


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One series.

    Attributes
    ----------
    id : str
        Comes back in signals.
    title : str
        E.g. ``"2  Lung"``.
    detail : str
        E.g. ``"CT  400 x 512 x 512"``.
    mark : str
        Geometry: repaired (amber), untrusted (red), a note, or nothing.
    mark_text : str
        The reason in words, for the tool tip and the second line.
    openable : bool
        Documents are listed and not opened.
    is_open : bool
        Its pixels are shown now.
    """

    id: str
    title: str
    detail: str = ""
    mark: Mark = ""
    mark_text: str = ""
    openable: bool = True
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One study; its series in the order to show them."""

    id: str
    title: str
    detail: str = ""
    series: tuple[SeriesRow, ...] = ()


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One patient (or place, for files without one) with studies."""

    id: str
    title: str
    detail: str = ""
    studies: tuple[StudyRow, ...] = ()


Row = PatientRow | StudyRow | SeriesRow
