"""Agreement of ordered grades: quadratic kappa, accuracy, and AUC of the referable class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medview.evaluate.metric import Metric, interval

REFERABLE_FROM = 2
"""Diabetic retinopathy is referable from ICDR grade 2 (moderate) on."""


@dataclass(frozen=True, slots=True)
class GradedCase:
    """One image: reference grade, predicted grade, and probability of being referable or None."""

    reference: int
    predicted: int
    referable_probability: float | None = None


def quadratic_kappa(
    reference: NDArray[np.intp], predicted: NDArray[np.intp], classes: int
) -> float | None:
    """Cohen's kappa with weights (i - j)^2; None where chance agreement is already complete."""
    observed = np.zeros((classes, classes))
    np.add.at(observed, (reference, predicted), 1)
    i, j = np.indices(observed.shape)
    weights = (i - j) ** 2
    expected = np.outer(observed.sum(1), observed.sum(0)) / observed.sum()
    denominator = float((weights * expected).sum())
    return 1 - float((weights * observed).sum()) / denominator if denominator else None


def roc_auc(positive: NDArray[np.bool_], score: NDArray[np.float64]) -> float | None:
    """Area under the ROC curve, ties counted half (Mann-Whitney); None with one class only."""
    up, down = score[positive], score[~positive]
    if up.size == 0 or down.size == 0:
        return None
    order = np.sort(down)
    below = np.searchsorted(order, up, "left")
    not_above = np.searchsorted(order, up, "right")
    return float((below + not_above).sum() / 2 / (up.size * down.size))


def grade_agreement(
    cases: Sequence[GradedCase], *, classes: int = 5, seed: int = 0
) -> dict[str, Metric]:
    """All grading metrics with bootstrap intervals over images."""
    reference = np.array([c.reference for c in cases], dtype=np.intp)
    predicted = np.array([c.predicted for c in cases], dtype=np.intp)
    n = len(cases)

    def kappa(pick: NDArray[np.intp]) -> float | None:
        return quadratic_kappa(reference[pick], predicted[pick], classes)

    def accuracy(pick: NDArray[np.intp]) -> float | None:
        return float((reference[pick] == predicted[pick]).mean())

    everyone = np.arange(n)
    results = {
        "kappa_quadratic": Metric(kappa(everyone), *interval(n, kappa, seed=seed), n),
        "accuracy": Metric(accuracy(everyone), *interval(n, accuracy, seed=seed), n),
    }
    scored = [c for c in cases if c.referable_probability is not None]
    if scored:
        positive = np.array([c.reference >= REFERABLE_FROM for c in scored])
        score = np.array([c.referable_probability for c in scored], dtype=np.float64)

        def auc(pick: NDArray[np.intp]) -> float | None:
            return roc_auc(positive[pick], score[pick])

        m = len(scored)
        results["auc_referable"] = Metric(auc(np.arange(m)), *interval(m, auc, seed=seed), m)
    return results
