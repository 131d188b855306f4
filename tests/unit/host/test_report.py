"""Reports can be copied without giving away folders or identifiers."""

from __future__ import annotations

import pytest

from medview.core.redaction import scrubbed
from medview.host.report import failure_report, traceback_without_paths


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
