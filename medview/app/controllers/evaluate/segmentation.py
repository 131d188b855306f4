"""`evaluate_segmentation`: masks of one or many cases against reference masks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from medview.app.controllers.evaluate.cases import pairs
from medview.app.controllers.evaluate.masks import onto_reference, read_mask
from medview.app.controllers.evaluate.outcome import Comparison
from medview.core.errors import UsageError
from medview.core.progress import ProgressFn, ignore_progress
from medview.evaluate.segmentation import CaseMetrics, compare_each_label, summarise_labels


def evaluate_segmentation(
    prediction: Path,
    reference: Path,
    *,
    rename: Mapping[int, int] | None = None,
    merge: bool = False,
    finding: str | None = None,
    progress: ProgressFn = ignore_progress,
) -> Comparison:
    """Compare masks case by case and average over the cases.

    Parameters
    ----------
    prediction, reference : Path
        Each a findings folder or a NIfTI, NRRD or MHA mask, or both folders of
        such, matched by name. A prediction on another grid is resampled
        (nearest) onto the reference's.
    rename : mapping, optional
        Reference label -> label to compare it as.
    merge : bool
        Compare everything above zero as one structure.
    finding : str, optional
        Which label map, where findings hold several.
    progress : callable
        Called for each case; may raise `Cancelled`.

    Raises
    ------
    UsageError
        If cases cannot be matched, or masks lie apart.
    InputError
        If a mask cannot be read.
    """
    cases, skipped = pairs(prediction, reference)
    notes = list(skipped)
    results: list[CaseMetrics] = []
    for done, case in enumerate(cases):
        progress(done / len(cases), f"Comparing {done + 1} of {len(cases)}")
        truth = read_mask(case.reference, finding)
        found, said = onto_reference(read_mask(case.prediction, finding), truth, case.name)
        notes += said
        results.append(
            compare_each_label(found.array, truth.array, truth.grid, rename=rename, merge=merge)
        )
    return Comparison(summarise_labels(results), tuple(dict.fromkeys(notes)))


def label_map(text: str) -> dict[int, int]:
    """Read ``--map 2=1,3=2``.

    Raises
    ------
    UsageError
        If it is not such a list, or names a label twice.
    """
    renamed: dict[int, int] = {}
    for part in text.split(","):
        old, equals, new = (piece.strip() for piece in part.partition("="))
        if not (equals and old.isdecimal() and new.isdecimal()):
            raise UsageError(f"--map takes OLD=NEW,OLD=NEW with whole numbers, not '{text}'.")
        if int(old) in renamed:
            raise UsageError(f"--map names the label {old} twice.")
        renamed[int(old)] = int(new)
    return renamed
