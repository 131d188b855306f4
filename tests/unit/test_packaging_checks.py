"""The test command counts what happened, and never calls a crash a success."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from check_file_length import LIMIT, too_long
from dev_checks import Counts, offscreen_environment, read_counts


def report_of(tmp_path: Path, source: str) -> tuple[Path, int]:
    """Run pytest on `source` in a process of its own; its report and exit code."""
    (tmp_path / "test_it.py").write_text(source)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    report = tmp_path / "report.xml"
    plain = ["-p", "no:cacheprovider", "-p", "no:pytest-qt"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plain, "test_it.py", f"--junitxml={report}"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    return report, done.returncode


def test_passed_failed_and_skipped_are_counted(tmp_path: Path) -> None:
    source = """
import pytest
def test_a(): pass
def test_b(): pass
def test_c(): assert False
def test_d(): pytest.skip("no data")
@pytest.fixture
def broken(): raise RuntimeError
def test_e(broken): pass
"""
    assert read_counts(*report_of(tmp_path, source)) == Counts(passed=2, failed=2, skipped=1)


def test_a_run_without_tests_counts_nothing(tmp_path: Path) -> None:
    assert read_counts(*report_of(tmp_path, "")) == Counts()


def test_a_crash_is_a_failure(tmp_path: Path) -> None:
    source = "import os\ndef test_a(): pass\ndef test_b(): os.abort()\n"
    assert read_counts(*report_of(tmp_path, source)) == Counts(failed=1)


def test_a_file_that_cannot_be_imported_is_a_failure(tmp_path: Path) -> None:
    assert read_counts(*report_of(tmp_path, "import no_such_module\n")).failed == 1


def test_a_bad_exit_with_good_tests_is_a_failure(tmp_path: Path) -> None:
    report, _ = report_of(tmp_path, "def test_a(): pass\n")
    assert read_counts(report, 3) == Counts(passed=1, failed=1)


def test_the_closing_line_is_plain() -> None:
    total = Counts(3, 0, 1) + Counts(2, 1, 0)
    assert str(total) == "5 passed, 1 failed, 1 skipped"


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_tests_see_no_display_and_no_foreign_modules(platform: str) -> None:
    inherited = {"DISPLAY": ":0", "WAYLAND_DISPLAY": "w", "PYTHONPATH": "/x", "HOME": "/h"}
    environment = offscreen_environment(inherited, platform=platform)
    assert environment["QT_QPA_PLATFORM"] == "offscreen"
    assert environment["HOME"] == "/h"
    assert not {"DISPLAY", "WAYLAND_DISPLAY", "PYTHONPATH"} & set(environment)
    assert ("VTK_DEFAULT_OPENGL_WINDOW" in environment) == (platform == "linux")


@pytest.mark.parametrize(
    ("osmesa", "window"), [(True, "vtkOSOpenGLRenderWindow"), (False, "vtkEGLRenderWindow")]
)
def test_without_osmesa_the_tests_draw_through_egl(osmesa: bool, window: str) -> None:
    environment = offscreen_environment({}, platform="linux", loads=lambda _: osmesa)
    assert environment["VTK_DEFAULT_OPENGL_WINDOW"] == window


def test_a_file_over_the_limit_is_named(tmp_path: Path) -> None:
    (tmp_path / "medview").mkdir()
    (tmp_path / "medview" / "short.py").write_text("x = 1\n" * LIMIT)
    (tmp_path / "medview" / "long.py").write_text("x = 1\n" * (LIMIT + 1))
    assert too_long(tmp_path) == [(Path("medview/long.py"), LIMIT + 1)]
