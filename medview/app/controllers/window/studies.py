"""`StudiesDisplay`: the library as rows of the study browser, with thumbnails on demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from medview.app.library import Library
from medview.core.data.series import Patient, Series, Study
from medview.view.models.study_rows import Mark, PatientRow, SeriesRow, StudyRow
from medview.view.panels.studies import StudiesPanel


class StudiesDisplay:
    """Keeps the study browser up to date.

    Parameters
    ----------
    panel : StudiesPanel
    library : Library
    choose : callable
        Takes the UID of the series that the reader wants to see.
    """

    def __init__(
        self, panel: StudiesPanel, library: Library, choose: Callable[[str], None]
    ) -> None:
        self._panel = panel
        self._library = library
        self._open: str | None = None
        library.changed.connect(self._show)
        panel.series_chosen.connect(choose)
        # A click is enough: the list is short and loading is quick and can be dropped.
        panel.series_selected.connect(choose)

    def set_open(self, uid: str | None) -> None:
        """Mark the series that is shown or on its way."""
        if uid != self._open:
            self._open = uid
            self._show()
        if uid is not None:
            self._panel.select_series(uid)

    def set_thumbnail(self, uid: str, rgb: NDArray[np.uint8]) -> None:
        """Give a series its picture."""
        self._panel.set_thumbnail(uid, rgb)

    def _show(self) -> None:
        self._panel.set_patients(patient_rows(self._library.studies, self._open))


def patient_rows(studies: Sequence[Study], open_uid: str | None = None) -> tuple[PatientRow, ...]:
    """Studies gathered by patient, in the order of opening."""
    by_patient: dict[tuple[str | None, str | None], list[Study]] = {}
    for study in studies:
        by_patient.setdefault((study.patient.id, study.patient.name), []).append(study)
    rows = []
    for number, group in enumerate(by_patient.values()):
        patient = group[0].patient
        rows.append(
            PatientRow(
                id=f"patient-{number}",
                title=person(patient) or "No patient named",
                detail="  ".join(part for part in (_year(patient.birth_date), patient.sex) if part),
                studies=tuple(_study_row(study, open_uid) for study in group),
            )
        )
    return tuple(rows)


def person(patient: Patient) -> str:
    """The name as the file has it, else the id; empty where there is neither."""
    return patient.name or patient.id or ""


def date_words(date: str | None) -> str:
    """A DICOM date as ``2026-01-03``; other text as it is."""
    if date and len(date) == 8 and date.isdigit():
        return f"{date[:4]}-{date[4:6]}-{date[6:]}"
    return date or ""


def series_title(series: Series) -> str:
    """Number and description, e.g. ``"2  Lung"``."""
    number = "" if series.number is None else f"{series.number}"
    words = series.description or series.modality or series.kind
    return "  ".join(part for part in (number, words) if part)


def series_detail(series: Series) -> str:
    """Modality, size and time points, e.g. ``"CT  400 x 512 x 512"``."""
    size = " x ".join(str(n) for n in series.shape) if series.shape else series.kind
    times = f"{series.times} time points" if series.times > 1 else ""
    kernel = series.attribute("kernel") or ""
    return "  ".join(part for part in (series.modality or "", size, kernel, times) if part)


def _study_row(study: Study, open_uid: str | None) -> StudyRow:
    modalities = "/".join(dict.fromkeys(s.modality for s in study.series if s.modality))
    title = "  ".join(part for part in (date_words(study.date), modalities) if part)
    return StudyRow(
        id=study.uid or title,
        title=title or study.description or "Files",
        detail=study.description if title else "",
        series=tuple(_series_row(series, series.uid == open_uid) for series in study.series),
    )


def _series_row(series: Series, is_open: bool) -> SeriesRow:
    mark: Mark = ""
    notices = series.repairs + series.warnings
    if series.kind == "stack":
        mark = "untrusted"
    elif series.repairs:
        mark = "repaired"
    elif notices:
        mark = "note"
    return SeriesRow(
        id=series.uid,
        title=series_title(series),
        detail=series_detail(series),
        mark=mark,
        mark_text=" ".join(notice.message for notice in notices),
        openable=series.kind != "document",
        is_open=is_open,
    )


def _year(birth_date: str | None) -> str:
    return birth_date[:4] if birth_date and birth_date[:4].isdigit() else ""
