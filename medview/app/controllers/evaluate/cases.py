"""Which prediction belongs to which reference: one of each, or two folders matched by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from medview.app.controllers.evaluate.outcome import listed
from medview.app.controllers.named import require_there
from medview.core.errors import InputError, UsageError
from medview.core.findings.base import Findings
from medview.io.export.findings_folder import DOCUMENT, read_findings
from medview.io.itk import SUFFIXES, suffix_of


@dataclass(frozen=True, slots=True)
class Pair:
    """One case: its name, what was predicted and what it is compared with."""

    name: str
    prediction: Path
    reference: Path


@dataclass(frozen=True, eq=False, slots=True)
class Scan:
    """The findings of one case under the name of their folder."""

    name: str
    findings: Findings


def is_one_case(path: Path) -> bool:
    """Whether a path is one case by itself, and not a folder of cases."""
    return path.is_file() or (path / DOCUMENT).is_file()


def case_name(path: Path) -> str:
    """Name by which cases are matched: a folder's name, a file's name without its ending."""
    if path.is_dir():
        return path.name
    suffix = suffix_of(path) or path.suffix
    return path.name[: len(path.name) - len(suffix)] if suffix else path.name


def pairs(prediction: Path, reference: Path) -> tuple[list[Pair], tuple[str, ...]]:
    """The cases to compare, and sentences on what was left out.

    Parameters
    ----------
    prediction, reference : Path
        Each a findings folder or a mask file, or both folders of such.

    Raises
    ------
    UsageError
        If a path is missing, one is a single case and the other a folder of
        cases, two entries have one name, or a reference has no prediction:
        leaving that case out would flatter the model.
    InputError
        If a folder holds no case.
    """
    require_there(prediction)
    require_there(reference)
    if is_one_case(prediction) != is_one_case(reference):
        single, many = (
            (prediction, reference) if is_one_case(prediction) else (reference, prediction)
        )
        raise UsageError(
            f"'{single.name}' is one case and '{many.name}' a folder of cases. "
            "Name two cases, or two folders of them."
        )
    if is_one_case(prediction):
        return [Pair(case_name(prediction), prediction, reference)], ()
    predicted, known = _entries(prediction), _entries(reference)
    lacking = [name for name in known if name not in predicted]
    if lacking:
        raise UsageError(
            f"These cases of '{reference.name}' have no prediction: {listed(lacking)}. "
            "Add them, or compare with a folder that lacks them too.",
            code="prediction-missing",
        )
    extra = [name for name in predicted if name not in known]
    notes = (f"Left out, because there is no reference: {listed(extra)}.",) if extra else ()
    return [Pair(name, predicted[name], path) for name, path in known.items()], notes


def scans(prediction: Path) -> list[Scan]:
    """The findings of one case, or of every findings folder in a folder.

    Raises
    ------
    UsageError
        If nothing is there, or `prediction` is a file.
    InputError
        If there are no findings, or they cannot be read.
    """
    require_there(prediction)
    if prediction.is_file() and prediction.name != DOCUMENT:
        raise UsageError(
            f"'{prediction.name}' is a file. Name a findings folder, or a folder of them."
        )
    if is_one_case(prediction):
        folder = prediction.parent if prediction.is_file() else prediction
        return [Scan(folder.resolve().name, read_findings(folder))]
    folders = sorted(p for p in prediction.iterdir() if (p / DOCUMENT).is_file())
    if not folders:
        raise InputError(f"There are no findings in '{prediction.name}'.", code="nothing-readable")
    return [Scan(folder.name, read_findings(folder)) for folder in folders]


def _entries(folder: Path) -> dict[str, Path]:
    entries: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not _can_be_mask(path):
            continue
        name = case_name(path)
        if name in entries:
            raise UsageError(f"'{folder.name}' holds two cases of the name '{name}'.")
        entries[name] = path
    if not entries:
        raise InputError(
            f"There is no findings folder and no mask ({', '.join(SUFFIXES[:6])}) "
            f"in '{folder.name}'.",
            code="nothing-readable",
        )
    return entries


def _can_be_mask(path: Path) -> bool:
    if path.is_dir():
        return (path / DOCUMENT).is_file()
    # .img is the other half of .hdr, and no case of its own.
    return suffix_of(path) not in (None, ".img")
