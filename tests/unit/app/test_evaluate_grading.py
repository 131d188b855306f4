"""`medview evaluate grading` on images whose agreement is worked out by hand."""

from __future__ import annotations

import json

import pytest

from medview.core.findings.grades import Grade, Grades
from tests.unit.app.saved import detections, save

ICDR = ("0", "1", "2", "3", "4")


def graded(reported: str | None, names=ICDR) -> Grades:
    sure = [0.8 if name == reported else 0.2 / (len(names) - 1) for name in names]
    share = [p / sum(sure) for p in sure]
    classes = tuple(Grade(n, p) for n, p in zip(names, share, strict=True))
    return Grades("Grade", classes, reported, "" if reported else "Too dark.")


@pytest.fixture
def found(tmp_path):
    """Five images; the model is one grade too high on the last."""
    for name, grade in zip("abcde", ("0", "1", "2", "3", "4"), strict=True):
        save(tmp_path / "found" / name, graded(grade))
    return tmp_path / "found"


def table(tmp_path, *rows: str, columns: str = "file,grade"):
    path = tmp_path / "truth.csv"
    path.write_text("\n".join([columns, *rows]), encoding="utf-8")
    return path


def run(medview, *args):
    return medview("evaluate", "grading", *args, "--json")


def values(ended) -> dict[str, float | None]:
    assert ended.code == 0, ended.err
    return {n: m["value"] for n, m in json.loads(ended.out)["metrics"].items()}


def test_agreement_is_as_worked_out_by_hand(medview, tmp_path, found):
    rows = [f"{name}.png,{grade}" for name, grade in zip("abcde", "01233", strict=True)]
    told = values(run(medview, found, table(tmp_path, *rows)))
    assert told["accuracy"] == pytest.approx(4 / 5)
    # Sum of (i - j)^2: observed 1; by chance a fifth of 30 + 15 + 10 + 15 + 15.
    assert told["kappa_quadratic"] == pytest.approx(1 - 1 / (85 / 5))
    assert told["auc_referable"] == 1


def test_the_case_is_named_with_or_without_ending(medview, tmp_path, found):
    rows = ["a,0", "b.jpeg,1", "images/c.png,2", "d,3", "e,4"]
    told = values(run(medview, found, table(tmp_path, *rows, columns="case,grade")))
    assert told["accuracy"] == told["kappa_quadratic"] == 1


def test_what_is_left_out_is_told(medview, tmp_path, found):
    save(found / "dark", graded(None))
    ended = run(medview, found, table(tmp_path, "a,0", "b,1", "dark,2", "other,3"))
    assert values(ended)["accuracy"] == 1
    assert json.loads(ended.out)["metrics"]["accuracy"]["n"] == 2
    assert "1 of 3 cases were not gradable" in ended.err
    assert "no reference: 'c', 'd', 'e'" in ended.err
    assert "1 cases of 'truth.csv' have no prediction" in ended.err


def test_other_classes_have_no_referable_grade(medview, tmp_path):
    names = ("clear", "hazy")
    save(tmp_path / "f" / "a", graded("clear", names))
    save(tmp_path / "f" / "b", graded("hazy", names))
    told = values(run(medview, tmp_path / "f", table(tmp_path, "a,clear", "b,hazy")))
    assert told == {"kappa_quadratic": 1, "accuracy": 1}


def test_wrong_input_is_told_in_words(medview, tmp_path, found):
    ended = run(medview, found, table(tmp_path, "x,0"))
    assert ended.code == 2
    assert "names none of these findings" in ended.err
    ended = run(medview, found, table(tmp_path, "a,7"))
    assert ended.code == 3
    assert "none of the model's: 0, 1, 2, 3, 4" in ended.err
    assert run(medview, found, table(tmp_path, "a,0", columns="name,grade")).code == 3
    assert run(medview, found, table(tmp_path, "a,0", "a,1")).code == 3
    assert run(medview, found, table(tmp_path, "a")).code == 3
    assert run(medview, found, tmp_path).code == 2
    save(tmp_path / "other" / "a", detections())
    assert run(medview, tmp_path / "other", table(tmp_path, "a,0")).code == 3
