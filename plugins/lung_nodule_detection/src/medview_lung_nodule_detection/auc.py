"""Area under the ROC curve with a bootstrap interval over blocks of neighbouring rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
BLOCKS = 100


@dataclass(frozen=True, slots=True)
class Auc:
    """Value, 95 % interval and number of patches."""

    value: float
    low: float
    high: float
    n: int


def area_under_curve(positive: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Probability that a nodule scores above another candidate, ties counted half.

    Raises
    ------
    ValueError
        Where one of the two classes is missing.
    """
    up, down = score[positive], np.sort(score[~positive])
    if up.size == 0 or down.size == 0:
        raise ValueError("An AUC needs both nodules and other patches.")
    below = np.searchsorted(down, up, "left")
    not_above = np.searchsorted(down, up, "right")
    return float((below + not_above).sum() / 2 / (up.size * down.size))


def auc_with_interval(
    positive: NDArray[np.bool_],
    score: NDArray[np.float64],
    row: NDArray[np.int64],
    *,
    seed: int = 0,
) -> Auc:
    """AUC with a 95 % interval by resampling contiguous blocks of rows.

    Several rows may show one nodule; resampling single patches would make the
    interval too narrow.
    """
    order = np.argsort(row, kind="stable")
    blocks = [b for b in np.array_split(order, min(BLOCKS, len(order))) if b.size]
    random = np.random.default_rng(seed)
    values = []
    for _ in range(RESAMPLES):
        pick = np.concatenate([blocks[b] for b in random.integers(0, len(blocks), len(blocks))])
        if 0 < np.count_nonzero(positive[pick]) < pick.size:
            values.append(area_under_curve(positive[pick], score[pick]))
    low, high = np.percentile(values, (2.5, 97.5)) if values else (np.nan, np.nan)
    return Auc(area_under_curve(positive, score), float(low), float(high), len(score))
