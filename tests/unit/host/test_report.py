"""Reports can be copied without giving away folders or identifiers."""

from __future__ import annotations

import subprocess
import sys

import pytest

from medview.core.redaction import scrubbed
from medview.host.report import dump_without_paths, failure_report, traceback_without_paths


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("cannot open '/home/jane/scans/a.dcm'", "cannot open '<path>'"),
        ("cannot open C:\\Users\\jane\\a.dcm now", "cannot open <path> now"),
        ("series 1.2.840.113619.2.55.3 failed", "series <uid> failed"),
        ("shape (3, 4) is not (4, 4), version 1.2.3", "shape (3, 4) is not (4, 4), version 1.2.3"),
    ],
)
def test_paths_and_uids_are_taken_out(text, clean):
    assert scrubbed(text) == clean


def fail_twice():
    try:
        open("/nowhere/DOE_JANE/scan.dcm")  # noqa: PTH123, SIM115
    except OSError as error:
        raise ValueError("no scan in /nowhere/DOE_JANE") from error


def test_a_traceback_names_files_functions_and_causes_but_no_folders():
    with pytest.raises(ValueError) as caught:
        fail_twice()
    text = traceback_without_paths(caught.value)
    assert "in fail_twice" in text
    assert "FileNotFoundError" in text
    assert text.index("FileNotFoundError") < text.index("ValueError")
    assert "host/test_report.py" in text
    assert "JANE" not in text


def test_a_report_names_the_model_and_the_versions():
    from medview import __version__

    text = failure_report("loading", "bright", "fake-bright", "1.2", "It failed.")
    assert f"medview {__version__}" in text
    assert "Model bright from fake-bright 1.2: loading failed." in text
    assert text.endswith("It failed.")


def test_a_crash_names_file_line_and_function_but_no_folders(tmp_path):
    code = tmp_path / "DOE_JANE" / "network" / "layers.py"
    code.parent.mkdir(parents=True)
    code.write_text("import ctypes\n\ndef convolve():\n    ctypes.string_at(0)\n\nconvolve()\n")
    command = (sys.executable, "-X", "faulthandler", str(code))
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    text = dump_without_paths(f"cannot read {tmp_path}/scan.dcm\n{ended.stderr}")
    assert "  network/layers.py, line 4, in convolve" in text
    assert "cannot read <path>" in text
    assert "JANE" not in text
    assert str(tmp_path) not in text
