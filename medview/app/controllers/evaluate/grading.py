"""`evaluate_grading`: grades of one or many images against a table of reference grades."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from medview.app.controllers.evaluate.cases import Scan, scans
from medview.app.controllers.evaluate.outcome import Comparison, listed
from medview.app.controllers.named import require_there
from medview.core.errors import InputError, UsageError
from medview.core.findings.grades import Grades
from medview.evaluate.grade_table import read_grades
from medview.evaluate.grading import REFERABLE_FROM, GradedCase, grade_agreement

_ICDR_CLASSES = 5


def evaluate_grading(prediction: Path, reference: Path) -> Comparison:
    """Agreement of grades: quadratic kappa, accuracy and AUC of the referable class.

    Parameters
    ----------
    prediction : Path
        A findings folder, or a folder of them, each named like its case.
    reference : Path
        CSV with columns ``case`` (or ``file``: the image's name, whose ending
        does not matter) and ``grade`` (the name of a class).

    Raises
    ------
    UsageError
        If a path is missing, or not one case is in both.
    InputError
        If something cannot be read, findings hold no grades, or a grade is
        none of the model's classes.
    """
    require_there(reference)
    if reference.is_dir():
        raise UsageError(f"'{reference.name}' is a folder. Name a CSV with the reference grades.")
    found = scans(prediction)
    table = read_grades(reference)
    by_stem = {PurePosixPath(case.replace("\\", "/")).stem: case for case in table}
    if len(by_stem) < len(table):
        by_stem = {}
    cases, unknown, ungraded = [], [], []
    classes = 0
    for scan in found:
        case = scan.name if scan.name in table else by_stem.get(scan.name)
        if case is None:
            unknown.append(scan.name)
            continue
        grades = _grades(scan)
        classes = max(classes, len(grades.classes))
        if grades.reported is None:
            ungraded.append(scan.name)
            continue
        cases.append(_graded(grades, table[case], reference.name))
    if not cases and not ungraded:
        raise UsageError(
            f"'{reference.name}' names none of these findings; their folders must be named like "
            f"its cases. First of them: {listed(unknown, 3)}."
        )
    notes = []
    if unknown:
        notes.append(f"Left out, because there is no reference: {listed(unknown)}.")
    if len(table) > len(cases) + len(ungraded):
        rest = len(table) - len(cases) - len(ungraded)
        notes.append(f"{rest} cases of '{reference.name}' have no prediction and were left out.")
    if ungraded:
        notes.append(
            f"{len(ungraded)} of {len(cases) + len(ungraded)} cases were not gradable and were "
            f"left out: {listed(ungraded)}."
        )
    if not cases:
        raise UsageError(f"No case can be compared. {notes[-1]}")
    return Comparison(grade_agreement(cases, classes=classes), tuple(notes))


def _grades(scan: Scan) -> Grades:
    items = [item for item in scan.findings.items if isinstance(item, Grades)]
    if len(items) != 1:
        raise InputError(f"The findings in '{scan.name}' hold {len(items)} grades, not one.")
    return items[0]


def _graded(grades: Grades, stated: str, table: str) -> GradedCase:
    names = [grade.name for grade in grades.classes]
    if stated not in names:
        raise InputError(
            f"The grade '{stated}' in {table} is none of the model's: {', '.join(names)}."
        )
    referable = None
    if len(names) == _ICDR_CLASSES:
        referable = sum(grade.probability for grade in grades.classes[REFERABLE_FROM:])
    return GradedCase(names.index(stated), names.index(grades.reported or ""), referable)
