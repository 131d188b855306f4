"""`Metric`: a number with its interval and the count it rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
"""Bootstrap resamples, as the LUNA16 evaluation uses (luna16.grand-challenge.org/Evaluation)."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One result of an evaluation.

    Attributes
    ----------
    value : float or None
        None where the metric is not defined for the cases at hand.
    low, high : float or None
        95 % bootstrap interval over cases; None with a single case.
    n : int
        Cases (segmentation, grading) or reference findings (detection) behind the value.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int

    def as_json(self) -> dict[str, float | int | None]:
        """As the entry of ``medview evaluate --json``."""
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n}


def interval(
    count: int, statistic: Callable[[NDArray[np.intp]], float | None], *, seed: int = 0
) -> tuple[float | None, float | None]:
    """95 % percentile bootstrap interval of a statistic over resampled cases.

    Parameters
    ----------
    count : int
        Number of cases.
    statistic : callable
        Takes case indices (with repetitions) and gives the value, or None
        where it is undefined; such resamples are left out.
    seed : int
        Equal seeds give equal intervals.

    Returns
    -------
    (low, high)
        Both None for fewer than two cases or when nothing was defined.
    """
    if count < 2:
        return None, None
    random = np.random.default_rng(seed)
    drawn = (statistic(random.integers(0, count, count)) for _ in range(RESAMPLES))
    values = [v for v in drawn if v is not None and np.isfinite(v)]
    if not values:
        return None, None
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def mean_over_cases(values: Sequence[float | None], *, seed: int = 0) -> Metric:
    """The mean of one number per case; cases where it is undefined are left out of `n`."""
    known = np.array([v for v in values if v is not None and np.isfinite(v)], dtype=float)
    if known.size == 0:
        return Metric(None, None, None, 0)
    low, high = interval(known.size, lambda pick: float(known[pick].mean()), seed=seed)
    return Metric(float(known.mean()), low, high, int(known.size))
