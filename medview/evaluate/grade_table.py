"""Reads reference grades from a CSV with one row for each image."""

from __future__ import annotations

import csv
from pathlib import Path

from medview.core.errors import InputError

_CASE_COLUMNS = ("case", "file")


def read_grades(path: Path) -> dict[str, str]:
    """Reference grade, as it is written, by case.

    Parameters
    ----------
    path : Path
        CSV with a column ``case`` or ``file`` and a column ``grade``; others are ignored.

    Raises
    ------
    InputError
        If a column is missing, a row is incomplete or a case comes twice.
    """
    grades: dict[str, str] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            rows = csv.DictReader(stream)
            columns = rows.fieldnames or ()
            key = next((name for name in _CASE_COLUMNS if name in columns), None)
            if key is None or "grade" not in columns:
                raise InputError(f"{path.name} needs the columns 'case' or 'file', and 'grade'.")
            for row in rows:
                case, grade = ((row[name] or "").strip() for name in (key, "grade"))
                if not case or not grade:
                    raise InputError(f"Line {rows.line_num} of {path.name} is incomplete.")
                if case in grades:
                    raise InputError(f"{path.name} names '{case}' twice.")
                grades[case] = grade
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} cannot be read as a CSV file.") from error
    return grades
