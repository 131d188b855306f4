"""The checks behind the test command: style, types, import rules, file lengths, test tiers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from dev_libraries import OSMESA, loads

TIERS: Mapping[str, str] = {
    "unit": "tests/unit",
    "render": "tests/render",
    "gui": "tests/gui",
    "models": "plugins",
}
NO_TESTS_COLLECTED = 5


@dataclass(frozen=True)
class Counts:
    """How many tests passed, failed (errors and crashes included) and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def offscreen_environment(
    environment: Mapping[str, str], *, platform: str, loads: Callable[[str], bool] = loads
) -> dict[str, str]:
    """A copy of `environment` in which Qt and VTK draw off screen.

    Off-screen Qt beside a display that VTK finds kills the process, so the display goes too.
    """
    changed = {
        name: value
        for name, value in environment.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "PYTHONPATH", "PYTHONHOME")
    }
    changed["QT_QPA_PLATFORM"] = "offscreen"
    if platform.startswith("linux"):
        software = "vtkOSOpenGLRenderWindow" if loads(OSMESA) else "vtkEGLRenderWindow"
        changed["VTK_DEFAULT_OPENGL_WINDOW"] = software
    return changed


def read_counts(report: Path, code: int) -> Counts:
    """Read the counts of one pytest run from its JUnit report and exit code.

    A run that ended badly without a failed test (a crash, a broken conftest) counts as one failure.
    """
    if code == NO_TESTS_COLLECTED:
        return Counts()
    try:
        suites = list(ElementTree.parse(report).getroot().iter("testsuite"))  # noqa: S314 - our own
    except (OSError, ElementTree.ParseError):
        return Counts(failed=1)
    total, failed, skipped = 0, 0, 0
    for suite in suites:
        total += int(suite.get("tests", "0"))
        failed += int(suite.get("failures", "0")) + int(suite.get("errors", "0"))
        skipped += int(suite.get("skipped", "0"))
    passed = max(0, total - failed - skipped)
    if code != 0 and failed == 0:
        failed = 1
    return Counts(passed, failed, skipped)


def _step(name: str, command: Sequence[str], root: Path, environment: Mapping[str, str]) -> int:
    print(f"\n=== {name}", flush=True)
    start = time.monotonic()
    code = subprocess.run(command, cwd=root, env=dict(environment), check=False).returncode
    word = "ok" if code in (0, NO_TESTS_COLLECTED) else f"FAILED (exit code {code})"
    print(f"=== {name}: {word}, {time.monotonic() - start:.0f} s", flush=True)
    return code


STATIC = ("ruff", "format", "mypy", "imports", "lengths")


def static_commands(python: Path, root: Path) -> dict[str, list[str]]:
    """Name and command of each check that runs no test."""
    # The console script sits beside the interpreter; import-linter has no "python -m".
    linter = python.with_name("lint-imports" + python.suffix)
    return {
        "ruff": [str(python), "-m", "ruff", "check", "."],
        "format": [str(python), "-m", "ruff", "format", "--check", "."],
        "mypy": [str(python), "-m", "mypy"],
        "imports": [str(linter)],
        "lengths": [str(python), str(root / "packaging" / "check_file_length.py")],
    }


def run_static(python: Path, root: Path, names: Sequence[str] = STATIC) -> list[str]:
    """Run the named checks; gives the names of those that failed."""
    environment = offscreen_environment(os.environ, platform=sys.platform)
    commands = static_commands(python, root)
    return [name for name in names if _step(name, commands[name], root, environment) != 0]


def run_tests(
    python: Path, root: Path, tiers: Sequence[str] = tuple(TIERS), options: Sequence[str] = ()
) -> Counts:
    """Run the named tiers, each in a process of its own, so that a crash costs one tier."""
    environment = offscreen_environment(os.environ, platform=sys.platform)
    reports = root / "build" / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    counts = Counts()
    for tier in tiers:
        if not any((root / TIERS[tier]).rglob("test_*.py")):
            continue
        report = reports / f"{tier}.xml"
        report.unlink(missing_ok=True)
        pytest = [str(python), "-m", "pytest", TIERS[tier], f"--junitxml={report}"]
        # A file that cannot be imported fails by itself and hides no other.
        pytest += ["--continue-on-collection-errors", *options]
        counts += read_counts(report, _step(f"tests: {tier}", pytest, root, environment))
    return counts
