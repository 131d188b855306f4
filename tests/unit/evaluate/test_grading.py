"""Grading metrics against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from medview.evaluate.grading import GradedCase, grade_agreement, quadratic_kappa, roc_auc


def test_full_agreement_has_a_kappa_of_one() -> None:
    cases = [GradedCase(g, g) for g in (0, 1, 2, 3, 4)]
    result = grade_agreement(cases)
    assert result["kappa_quadratic"].value == 1
    assert result["accuracy"].value == 1


def test_quadratic_kappa_of_two_classes_equals_plain_kappa() -> None:
    # Table [[20, 5], [10, 15]]: observed agreement 0.7, by chance 0.5, so kappa is 0.4.
    reference = np.array([0] * 25 + [1] * 25)
    predicted = np.array([0] * 20 + [1] * 5 + [0] * 10 + [1] * 15)
    assert quadratic_kappa(reference, predicted, 2) == pytest.approx(0.4)


def test_reversed_grades_have_a_kappa_of_minus_one() -> None:
    grades = np.arange(5)
    assert quadratic_kappa(grades, 4 - grades, 5) == pytest.approx(-1)


def test_auc_counts_ties_half() -> None:
    positive = np.array([True, True, False, False])
    assert roc_auc(positive, np.array([0.9, 0.5, 0.5, 0.1])) == pytest.approx(3.5 / 4)


def test_referable_means_grade_two_or_more() -> None:
    cases = [GradedCase(1, 1, 0.2), GradedCase(2, 2, 0.8), GradedCase(0, 0, 0.1)]
    assert grade_agreement(cases)["auc_referable"].value == 1


def test_without_probabilities_no_auc_is_claimed() -> None:
    assert "auc_referable" not in grade_agreement([GradedCase(0, 0), GradedCase(1, 1)])
