"""What the code imports is declared, and what is declared is pinned."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
ROOMS = ("medview", "packaging", "plugins", "tests")
PROJECTS = [CHECKOUT, *sorted(path.parent for path in CHECKOUT.glob("plugins/*/pyproject.toml"))]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None
    return normal(found.group())


def declared(project: Path) -> dict[str, set[str]]:
    """Names of distributions: per extra, and under "" those that are always installed."""
    table = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    groups = {"": table["dependencies"], **table.get("optional-dependencies", {})}
    return {key: {name_of(item) for item in items} for key, items in groups.items()}


def imported_by(folder: Path) -> set[str]:
    """Top-level names of foreign modules: neither Python's, nor medview's, nor of `folder`."""
    names = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - {folder.name, "medview"}


def undeclared(names: set[str], allowed: set[str]) -> set[str]:
    owners = packages_distributions()
    return {
        name
        for name in names
        if not {normal(owner) for owner in owners.get(name, [name])} & allowed
    }


def test_every_import_of_medview_is_declared() -> None:
    groups = declared(CHECKOUT)
    application = groups[""].union(*(groups[extra] for extra in groups if extra != "dev"))
    # shiboken6 comes with PySide6; pytest is for authors of models who use the test kit.
    assert undeclared(imported_by(CHECKOUT / "medview"), application | {"shiboken6"}) == set()


def test_core_needs_the_light_base_alone() -> None:
    core = imported_by(CHECKOUT / "medview" / "core")
    assert undeclared(core, declared(CHECKOUT)[""]) == set()


@pytest.mark.parametrize("project", PROJECTS[1:], ids=lambda path: path.name)
def test_every_import_of_a_model_package_is_declared(project: Path) -> None:
    (package,) = (path.parent for path in project.glob("src/*/__init__.py"))
    assert undeclared(imported_by(package), declared(project)[""]) == set()


USED_WITHOUT_IMPORT = {
    "hatchling": "builds folders of model packages, in a process of its own",
    "onnx": "torch writes the files of the tests with it",
    "pyjpegls": "pydicom decodes JPEG-LS with it",
    "pylibjpeg-openjpeg": "pydicom decodes JPEG 2000 with it",
    "pytest-benchmark": "pytest loads it",
    "pytest-qt": "pytest loads it",
    "pytest-timeout": "pytest loads it",
    "scikit-image": "MONAI's steps on labels need it",
}


def test_everything_that_is_declared_is_used() -> None:
    imported = set().union(*(imported_by(CHECKOUT / room) for room in ROOMS))
    owners = packages_distributions()
    used = {normal(owner) for name in imported for owner in owners.get(name, [name])}
    groups = declared(CHECKOUT)
    wanted = set().union(*(names for extra, names in groups.items() if extra not in ("app", "dev")))
    assert wanted - used - set(USED_WITHOUT_IMPORT) == set()


def test_everything_that_is_installed_is_pinned() -> None:
    lines = (CHECKOUT / "packaging" / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {name_of(line) for line in lines if line and not line.startswith("#")}
    wanted = set().union(*(names for project in PROJECTS for names in declared(project).values()))
    # What this checkout itself brings is installed from it, whatever its version.
    own = {
        normal(tomllib.loads((p / "pyproject.toml").read_text("utf-8"))["project"]["name"])
        for p in PROJECTS
    }
    for name in sorted(wanted - own):
        wanted |= {name_of(item) for item in requires(name) or [] if ";" not in item}
    assert wanted - pinned - own == set()
