"""Read a mask from a findings folder or a file, and bring it onto another mask's grid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medview.app.controllers.evaluate.outcome import listed
from medview.core.errors import InputError, UsageError
from medview.core.findings.labelmap import LabelMap
from medview.core.geometry.grid import Grid, same_frame, same_sampling
from medview.core.geometry.resample import resample
from medview.core.progress import ProgressFn, ignore_progress
from medview.io.export.findings_folder import DOCUMENT, read_findings
from medview.io.itk import read_array, read_information, suffix_of
from medview.io.source import ByteSource

BY_PLACE = (
    "The masks do not both say which frame of reference they lie in, so they were compared by "
    "place: make sure that they belong to one scan."
)
RESAMPLED = "Predictions on another grid were resampled (nearest) onto that of the reference."


@dataclass(frozen=True, eq=False, slots=True)
class Mask:
    """Labels on a grid.

    Attributes
    ----------
    array : (k, j, i) ndarray of int32
    grid : Grid
    """

    array: NDArray[np.int32]
    grid: Grid


def read_mask(path: Path, finding: str | None = None) -> Mask:
    """Read the label map of a findings folder, or a NIfTI, NRRD or MHA file.

    Parameters
    ----------
    path : Path
    finding : str, optional
        Name of the label map, where a findings folder holds several.

    Raises
    ------
    UsageError
        If the name is no mask file, or it is not clear which label map is meant.
    InputError
        If it cannot be read, or its values are no labels.
    """
    if path.is_dir() or path.name == DOCUMENT:
        return _from_findings(path, finding)
    if suffix_of(path) is None:
        raise UsageError(
            f"'{path.name}' is no mask: it must be a findings folder or end in .nii, .nii.gz, "
            ".nrrd or .mha."
        )
    image = read_information(ByteSource(path))
    if image.times > 1 or image.samples > 1:
        raise InputError(f"'{path.name}' holds more than one value per voxel, so it is no mask.")
    return Mask(_labels(read_array(image), path.name), image.grid)


def _from_findings(path: Path, finding: str | None) -> Mask:
    found = read_findings(path)
    maps = [item for item in found.items if isinstance(item, LabelMap)]
    chosen = [item for item in maps if finding is None or item.name == finding]
    folder = path.parent if path.name == DOCUMENT else path
    if not maps:
        raise InputError(f"The findings in '{folder.name}' hold no label map.")
    if len(chosen) != 1:
        raise UsageError(
            f"Choose one label map of '{folder.name}' with --finding: "
            f"{listed([item.name for item in maps])}."
        )
    item = chosen[0]
    if item.grid is None:
        raise UsageError(
            f"The findings in '{folder.name}' were made on an image. Masks are compared on volumes."
        )
    return Mask(_labels(item.array, item.name), item.grid)


def _labels(array: NDArray[np.generic], name: str) -> NDArray[np.int32]:
    labels = np.empty(array.shape, np.int32)
    for k, values in enumerate(array):
        whole = np.asarray(values, dtype=np.float64)
        if not (np.isfinite(whole).all() and (whole == np.rint(whole)).all() and whole.min() >= 0):
            raise InputError(
                f"'{name}' is no mask: it holds values other than whole numbers from 0."
            )
        labels[k] = values
    return labels


def onto_reference(
    prediction: Mask, reference: Mask, name: str, progress: ProgressFn = ignore_progress
) -> tuple[Mask, tuple[str, ...]]:
    """The prediction on the reference's grid, and what was taken on trust.

    Raises
    ------
    UsageError
        If the two are known to lie in different frames of reference, or lie
        apart, so that no voxel of one is in the other.
    """
    ours, theirs = prediction.grid, reference.grid
    known = ours.frame_of_reference is not None and theirs.frame_of_reference is not None
    if known and not same_frame(ours, theirs):
        raise UsageError(
            f"Prediction and reference of '{name}' lie in different frames of reference.",
            code="other-frame",
        )
    notes = () if known else (BY_PLACE,)
    if same_sampling(ours, theirs):
        return Mask(prediction.array, theirs), notes
    if _apart(ours, theirs):
        raise UsageError(
            f"Prediction and reference of '{name}' show different parts of space. "
            "Do they belong to one scan?",
            code="other-place",
        )
    array = resample(
        prediction.array, ours, theirs, "nearest", across_frames=True, progress=progress
    )
    return Mask(np.asarray(array, dtype=np.int32), theirs), (*notes, RESAMPLED)


def _apart(a: Grid, b: Grid) -> bool:
    low_a, high_a = a.bounds_lps_mm()
    low_b, high_b = b.bounds_lps_mm()
    return bool((high_a <= low_b).any() or (high_b <= low_a).any())
