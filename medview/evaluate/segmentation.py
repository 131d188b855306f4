"""Overlap, surface distance and volume error of label maps on one grid."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import UsageError
from medview.core.geometry.grid import Grid
from medview.evaluate.metric import Metric, mean_over_cases

SURFACE_TOLERANCE_MM = 2.0
Mask = NDArray[np.bool_]


def compare_masks(prediction: Mask, reference: Mask, grid: Grid) -> dict[str, float | None]:
    """All segmentation metrics of one structure in one case.

    Parameters
    ----------
    prediction, reference : (k, j, i) ndarray of bool
        Both on `grid`.
    grid : Grid
        Gives spacing and voxel volume.

    Returns
    -------
    dict
        ``dice``, ``iou``, ``hd95_mm``, ``surface_dice_2mm``, ``volume_error_percent``.
        Two empty masks agree (Dice 1); where one is empty, distances are None.

    Notes
    -----
    HD95 is the larger of the two directed 95th percentiles of surface
    distances, and surface Dice follows Nikolov et al. 2018 (arXiv:1809.04430)
    with a tolerance of 2 mm, both through MONAI.
    """
    if prediction.shape != reference.shape or prediction.shape != grid.shape:
        raise UsageError("Prediction and reference must lie on one grid before they are compared.")
    both = int(np.count_nonzero(prediction & reference))
    p, r = int(np.count_nonzero(prediction)), int(np.count_nonzero(reference))
    if p + r == 0:
        return {
            "dice": 1.0,
            "iou": 1.0,
            "hd95_mm": None,
            "surface_dice_2mm": None,
            "volume_error_percent": None,
        }
    hd95, surface_dice = _surface_metrics(prediction, reference, grid) if p and r else (None, 0.0)
    return {
        "dice": 2 * both / (p + r),
        "iou": both / (p + r - both),
        "hd95_mm": hd95,
        "surface_dice_2mm": surface_dice,
        "volume_error_percent": 100 * (p - r) / r if r else None,
    }


def _surface_metrics(prediction: Mask, reference: Mask, grid: Grid) -> tuple[float, float]:
    import torch
    from monai.metrics.hausdorff_distance import compute_hausdorff_distance
    from monai.metrics.surface_dice import compute_surface_dice

    box = _around(prediction | reference)
    # One background and one foreground channel, as MONAI expects: (batch, channel, k, j, i).
    p, r = (
        torch.from_numpy(np.stack([~m[box], m[box]])[None].astype(np.float32))
        for m in (prediction, reference)
    )
    spacing = list(grid.spacing_mm)
    with warnings.catch_warnings():
        # MONAI 1.6 passes an argument to itself that it has deprecated.
        warnings.simplefilter("ignore", FutureWarning)
        hd95 = compute_hausdorff_distance(p, r, percentile=95, spacing=spacing)
        surface = compute_surface_dice(
            p, r, [SURFACE_TOLERANCE_MM], spacing=spacing, use_subvoxels=True
        )
    return float(hd95[0, 0]), float(surface[0, 0])


def _around(mask: Mask) -> tuple[slice, ...]:
    """The smallest block around a mask with a rim of one voxel, which surfaces need."""
    box = []
    for axis in range(mask.ndim):
        others = tuple(a for a in range(mask.ndim) if a != axis)
        hit = np.flatnonzero(mask.any(axis=others))
        box.append(slice(max(0, int(hit[0]) - 1), int(hit[-1]) + 2))
    return tuple(box)


CaseMetrics = Mapping[int | None, Mapping[str, float | None]]
"""Metrics of one case by label; under None those of all labels together."""


def compare_each_label(
    prediction: NDArray[np.integer[Any]],
    reference: NDArray[np.integer[Any]],
    grid: Grid,
    *,
    rename: Mapping[int, int] | None = None,
    merge: bool = False,
) -> CaseMetrics:
    """Metrics of every label of one case.

    Parameters
    ----------
    prediction, reference : (k, j, i) ndarray of integers
    grid : Grid
    rename : mapping, optional
        Reference label -> label to compare it as; labels not named are left as they are.
    merge : bool
        Compare everything above zero as one structure.

    Returns
    -------
    mapping
        By label. The one key None where labels are merged, or where both masks are empty.
    """
    renamed = reference.copy()
    for old, new in (rename or {}).items():
        renamed[reference == old] = new
    present = {int(v) for array in (renamed, prediction) for v in np.unique(array)}
    labels = sorted(present - {0})
    if merge or not labels:
        return {None: compare_masks(prediction > 0, renamed > 0, grid)}
    return {label: compare_masks(prediction == label, renamed == label, grid) for label in labels}


def compare_labels(
    prediction: NDArray[np.integer[Any]],
    reference: NDArray[np.integer[Any]],
    grid: Grid,
    *,
    rename: Mapping[int, int] | None = None,
    merge: bool = False,
) -> dict[str, float | None]:
    """As `compare_each_label`, flat: names end in ``:label`` where there are several."""
    by_label = compare_each_label(prediction, reference, grid, rename=rename, merge=merge)
    if len(by_label) == 1:
        return dict(next(iter(by_label.values())))
    return {f"{n}:{label}": v for label, values in by_label.items() for n, v in values.items()}


def summarise_labels(cases: Sequence[CaseMetrics]) -> dict[str, Metric]:
    """Mean over cases, by metric name; ``:label`` is appended where cases have several labels.

    A case in which a label is in neither mask says nothing of that label and is
    left out of its `n`. Where all cases together have one label at most, a case
    with two empty masks counts as agreement.
    """
    labels = sorted({label for case in cases for label in case if label is not None})
    if len(labels) <= 1:
        return summarise([next(iter(case.values())) for case in cases])
    return summarise(
        [
            {
                f"{name}:{label}": value
                for label in case
                if label
                for name, value in case[label].items()
            }
            for case in cases
        ]
    )


def summarise(cases: Sequence[Mapping[str, float | None]]) -> dict[str, Metric]:
    """Mean over cases with a bootstrap interval, by metric name."""
    names = list(dict.fromkeys(name for case in cases for name in case))
    return {name: mean_over_cases([case.get(name) for case in cases]) for name in names}
