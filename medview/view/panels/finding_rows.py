"""Records that the findings panel shows."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label of a mask; colours are 0..255, the measure is in words, e.g. ``"2812 ml"``."""

    value: int
    name: str
    rgb: tuple[int, int, int]
    measure: str = ""
    visible: bool = True


@dataclass(frozen=True, slots=True)
class DetectionRow:
    """A thing found; the score is 0..1 or None, the detail in words, e.g. ``"6.2 x 5.1 mm"``."""

    id: str
    name: str
    score: float | None = None
    detail: str = ""
    selected: bool = False


@dataclass(frozen=True, slots=True)
class GradeRow:
    """A class with its probability; `reported` marks the one that counts."""

    name: str
    probability: float
    reported: bool = False


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A named quantity, its value as text with unit."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class SectionRow:
    """One finding of a run; the kinds of rows it has tell what it is.

    Attributes
    ----------
    layer_id : str
        Comes back in signals; empty for what is not drawn.
    title : str
    labels, detections, grades, measures : tuple of rows
    visible : bool
    opacity : float or None
        None where there is no fill.
    threshold : float or None
        Score below which detections are not drawn; None where there is nothing to set.
    note : str
        E.g. what scores mean, or why an image cannot be graded.
    """

    layer_id: str
    title: str
    labels: tuple[LabelRow, ...] = ()
    detections: tuple[DetectionRow, ...] = ()
    grades: tuple[GradeRow, ...] = ()
    measures: tuple[MeasureRow, ...] = ()
    visible: bool = True
    opacity: float | None = None
    threshold: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RunRow:
    """All findings of one run of one model.

    Attributes
    ----------
    id : str
        Comes back in signals.
    title : str
    provenance : str
        One line, e.g. ``"0.1.0  cpu  14 s"``.
    provenance_lines : tuple of str
        The whole story, shown on demand.
    warnings : tuple of str
    demonstration : bool
    outdated : str
        Why the result is older than what it was made from; empty if it is not.
    elsewhere : str
        Why it is not drawn now, e.g. because it belongs to another time point; else empty.
    sections : tuple of SectionRow
    """

    id: str
    title: str
    provenance: str = ""
    provenance_lines: tuple[str, ...] = field(default=())
    warnings: tuple[str, ...] = ()
    demonstration: bool = False
    outdated: str = ""
    elsewhere: str = ""
    sections: tuple[SectionRow, ...] = ()
