"""A new package is whole, sound, and refuses names that would not work."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from medview.core.errors import UsageError
from medview.host.card_checks import card_problems
from medview.host.card_json import read_card
from medview.host.template import KINDS, Kind, check_name, write_package
from medview.testing.slide import ArraySlide

ROOT = Path(__file__).parents[3]
PLACEHOLDER = "__NAME__", "__MODULE__", "__TITLE__", "__PUBLISHER__", "__WHAT__", "__DEPENDENCIES__"


def texts(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(params=KINDS)
def package(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return write_package("bright-spots", request.param, tmp_path)


def test_every_file_of_a_package_is_there_and_no_placeholder_is_left(package: Path) -> None:
    found = texts(package)
    assert set(found) == {
        ".github/workflows/test.yml",
        ".gitignore",
        "LICENSE",
        "README.md",
        "pyproject.toml",
        "src/bright_spots/__init__.py",
        "src/bright_spots/medview_card.json",
        "tests/test_contract.py",
        "tests/test_truth.py",
    }
    for name, text in found.items():
        assert not [word for word in PLACEHOLDER if word in text], name


def test_the_card_keeps_every_rule(package: Path) -> None:
    card = read_card(texts(package)["src/bright_spots/medview_card.json"])
    assert card_problems(card, "bright-spots") == []
    assert card.demonstration
    assert card.title == "Bright spots"


def test_the_project_names_model_module_and_needs(package: Path) -> None:
    found = texts(package)
    project = tomllib.loads(found["pyproject.toml"])["project"]
    assert project["entry-points"]["medview.model.v1"] == {"bright-spots": "bright_spots"}
    needs = {line.split(">")[0] for line in project["dependencies"]}
    code = found["src/bright_spots/__init__.py"]
    assert needs == {"medview-imaging", "numpy"} | ({"scipy"} if "from scipy" in code else set())


def test_a_package_imports_nothing_of_medview_but_its_api(package: Path) -> None:
    tree = ast.parse(texts(package)["src/bright_spots/__init__.py"])
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert {name for name in names if name.startswith("medview")} == {"medview.api"}


def test_the_smallest_model_is_under_thirty_lines(tmp_path: Path) -> None:
    folder = write_package("bright-spots", "segmentation", tmp_path)
    lines = texts(folder)["src/bright_spots/__init__.py"].splitlines()
    assert sum(bool(line.strip()) for line in lines) < 30


@pytest.mark.parametrize(
    "name", ["ct", "a-name-that-is-as-long-as-the-name-of-a-package-can-ever-be"]
)
@pytest.mark.parametrize("kind", KINDS)
def test_ruff_and_the_tests_of_the_package_are_content(
    kind: Kind, name: str, tmp_path: Path
) -> None:
    package = write_package(name, kind, tmp_path)
    ruff = [sys.executable, "-m", "ruff"]
    for check in (["check", "--select", "E,F,I,UP,B,SIM,RUF", "."], ["format", "--check", "."]):
        subprocess.run([*ruff, *check], cwd=package, check=True, capture_output=True)
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_truth.py"],
        cwd=package,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(("src", str(ROOT)))},
        check=True,
        capture_output=True,
    )


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Liver",
        "liver_seg",
        "-liver",
        "liver--x",
        "9lives",
        "json",
        "class",
        "li ver",
        "a" * 61,
        "medview",
        "medview-liver",
        "../liver",
        "liver/x",
        "lìver",
    ],
)
def test_a_name_that_would_not_work_is_refused_in_words(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        write_package(name, "segmentation", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_name_of_an_installed_model_is_refused() -> None:
    check_name("liver")
    with pytest.raises(UsageError, match="installed"):
        check_name("liver", frozenset(("liver",)))


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    kept = tmp_path / "bright-spots" / "notes.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    with pytest.raises(UsageError, match="there already"):
        write_package("bright-spots", "heatmap", tmp_path)
    assert [p.name for p in kept.parent.iterdir()] == ["notes.txt"]
    kept.unlink()
    write_package("bright-spots", "heatmap", tmp_path)
    assert (tmp_path / "bright-spots" / "pyproject.toml").is_file()


def test_quotes_in_a_title_break_no_file(tmp_path: Path) -> None:
    title = 'Liver "beta" \\ 2'
    folder = write_package("liver", "grading", tmp_path, title=title, publisher='"Us"')
    found = texts(folder)
    card = read_card(found["src/liver/medview_card.json"])
    assert (card.title, card.publisher) == (title, '"Us"')
    assert title in tomllib.loads(found["pyproject.toml"])["project"]["description"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_wishes_give_the_same_files(kind: Kind, tmp_path: Path) -> None:
    one = write_package("bright-spots", kind, tmp_path / "a")
    other = write_package("bright-spots", kind, tmp_path / "b")
    assert texts(one) == texts(other)


def test_a_slide_of_an_array_is_read_by_region_and_white_beyond_it() -> None:
    import numpy as np

    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    slide = ArraySlide(pixels)
    np.testing.assert_array_equal(slide.read_region(0, 1, 0, 2, 2), pixels[:, 1:])
    region = slide.read_region(0, -1, 1, 3, 3)
    np.testing.assert_array_equal(region[0, 1:], pixels[1, :2])
    assert (region[1:] == 255).all()
    assert (region[:, 0] == 255).all()
    assert (slide.read_region(0, 50, 50, 2, 2) == 255).all()
    with pytest.raises(UsageError):
        slide.read_region(1, 0, 0, 1, 1)
