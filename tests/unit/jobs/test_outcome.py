"""Failure reports are useful and hold nothing that tells who the patient is."""

from __future__ import annotations

import pytest

from medview.core.errors import InputError
from medview.jobs.outcome import redacted, report_of


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("No such file: '/home/anna/scans/DOE_JOHN/im1.dcm'", "DOE_JOHN"),
        (r"cannot open C:\Users\anna\doe.dcm", "doe"),
        (r"cannot open \\server\share\doe\1.dcm", "doe"),
        ("bad value Doe^John^M for tag", "John"),
        ("series 1.2.840.113619.2.55.3.604688 is odd", "113619"),
        ("born 1961-04-30", "1961"),
        ("born 19610430", "19610430"),
        ("patient id 48151623", "48151623"),
        ("KeyError: 'John Doe'", "John"),
    ],
)
def test_what_looks_like_an_identifier_is_struck_out(text: str, secret: str) -> None:
    assert secret not in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "shapes (4, 512, 512) and (3, 512, 512) do not fit",
        "size mismatch for 'conv1.weight'",
        "expected 0.5 <= x <= 1.25, not 3.75",
    ],
)
def test_what_a_plugin_author_needs_stays(text: str) -> None:
    assert redacted(text) == text


def test_a_long_text_is_cut() -> None:
    assert len(redacted("word " * 1000)) == 300


def test_a_report_names_the_frames_by_file_name_alone() -> None:
    try:
        raise InputError("The file is damaged.", code="damaged")
    except InputError as error:
        report = report_of(error)
    assert report.code == "damaged"
    assert report.message == "The file is damaged."
    assert "test_outcome.py:" in report.details
    assert "/" not in report.details


def test_a_report_follows_the_causes() -> None:
    try:
        try:
            raise KeyError("lung")
        except KeyError as inner:
            raise InputError("There is no lung.") from inner
    except InputError as error:
        details = report_of(error).details
    assert details.index("InputError") < details.index("KeyError")


def test_an_unknown_exception_is_unexpected_and_named() -> None:
    report = report_of(ValueError("3 is not 4"))
    assert (report.code, report.message) == ("unexpected", "ValueError: 3 is not 4")
