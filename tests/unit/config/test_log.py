"""Nothing that identifies a patient or a place on the computer reaches the log file."""

from __future__ import annotations

import logging
import os
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from medview.config.log import logging_to, start_log, stop_log
from medview.config.redact import Redactor, redactor_for_this_user


@pytest.fixture
def log_of_medview(monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    logger = logging.getLogger("medview.test")
    level = logging.getLogger("medview").level
    yield logger
    logging.getLogger("medview").setLevel(level)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("read /home/jane/Doe CT/IM 0001.dcm in 3 ms", "Doe"),
        ("read /home/jane/Doe CT/IM 0001.dcm in 3 ms", "jane"),
        ("cannot open 'C:\\Users\\jane\\Doe^John\\1.dcm'", "jane"),
        (r"\\server\share\Doe\1.dcm is gone", "Doe"),
        ("file:///data/Doe/x.nii.gz", "Doe"),
        ("in ~/Doe/scan", "Doe"),
        ("patient Müller^Anna^^Dr missing", "Müller"),
        ("patient Müller^Anna^^Dr missing", "Anna"),
        ("born 19710203", "19710203"),
        ("born 1971-02-03.", "1971-02-03"),
        ("series 1.2.840.113619.2.55.3.604688119 opened", "604688119"),
    ],
)
def test_the_rules_alone_remove(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in Redactor().clean(text)


@pytest.mark.parametrize(
    "text",
    [
        "W/L 1500/-600, 12 / 30 windows, 3 slices/s",
        "spacing 0.703 x 0.703 x 1.25 mm, 400 slices of 512 x 512",
        "medview 0.1.0, numpy 2.4.6, torch 2.13.0+cpu",
        "lung-segmentation finished in 14.2 s on cuda:0",
        "see https://medview.example/help",
    ],
)
def test_ordinary_messages_stay_readable(text: str) -> None:
    assert Redactor().clean(text) == text


def test_registered_identifiers_go_in_any_case_and_in_parts() -> None:
    redactor = Redactor()
    redactor.add("Van Houten^Milhouse", "MRN-0042", None, "")
    clean = redactor.clean("HOUTEN milhouse, id mrn-0042, houtenesque")
    assert clean == "<redacted> <redacted>, id <redacted>, houtenesque"


@pytest.mark.parametrize(
    "path", [PurePosixPath("/mnt/x/Doe Jane"), PureWindowsPath(r"D:\x\Doe Jane")]
)
def test_a_registered_path_goes_whole_and_by_its_name(path: PurePosixPath) -> None:
    redactor = Redactor()
    redactor.add_path(path)
    for text in (f"scan of {path} done", f"scan of {path.name} done"):
        clean = redactor.clean(text)
        assert "Doe" not in clean
        assert "Jane" not in clean
        assert clean.startswith("scan of")


@pytest.mark.parametrize("piece", ["x", "/a", "/a b", "a^", "1.", "C:\\a ", "20260101"])
def test_a_hostile_line_is_cleaned_in_linear_time(piece: str) -> None:
    # Quadratic time would take minutes here and run into the suite's own limit.
    assert len(Redactor(["Simpson"]).clean(piece * 100_000)) <= len(piece) * 100_000


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("cannot read /home/anna meier/old scans/CT 1.dcm", "old scans"),
        ("cannot read meier_anna.nii", "meier"),
        ("cannot read MU\u0308LLER.nii", "LLER"),
    ],
    ids=["a name within a path", "underscores", "letters in two parts"],
)
def test_a_known_name_hides_nothing_else_and_has_many_spellings(text: str, secret: str) -> None:
    redactor = Redactor(["Meier^Anna", "M\u00fcller"])
    told = redactor.clean(text)
    assert secret not in told
    assert told.startswith("cannot read")


def test_two_series_can_still_be_told_apart() -> None:
    clean = Redactor().clean
    one, two = "1.2.840.1.1.1.1.1", "1.2.840.1.1.1.1.2"
    assert clean(one) == clean(one) != clean(two)


def test_the_name_of_the_home_folder_is_known() -> None:
    assert "marge" not in redactor_for_this_user(Path("/home/marge")).clean("user marge logged in")


def test_a_traceback_keeps_code_and_loses_folders_and_values(
    tmp_path: Path, log_of_medview: logging.Logger
) -> None:
    redactor = Redactor(["Simpson"])
    with logging_to(tmp_path / "logs", redactor) as path:
        try:
            raise OSError(2, "No such file", "/home/jane/Doe/1.dcm")
        except OSError:
            log_of_medview.exception("Reading %s failed", "Simpson^Lisa")
    text = path.read_text()
    assert "test_a_traceback_keeps_code_and_loses_folders_and_values" in text
    assert "FileNotFoundError" in text
    for secret in ("jane", "Doe", "Simpson", "Lisa", str(Path(__file__).parent)):
        assert secret not in text


def test_code_of_medview_and_of_libraries_keeps_its_place_in_the_package() -> None:
    library = 'File "/home/jane/.venv/lib/python3.11/site-packages/numpy/x.py", line 3'
    assert Redactor().clean(library) == 'File "site-packages/numpy/x.py", line 3'
    clean = Redactor().clean('File "/home/jane/src/medview/io/load.py", line 3, in load')
    assert clean == 'File "medview/io/load.py", line 3, in load'


def test_other_libraries_are_not_written(tmp_path: Path, log_of_medview: logging.Logger) -> None:
    with logging_to(tmp_path, Redactor()) as path:
        logging.getLogger("pydicom").error("value of PatientComments is odd")
        logging.getLogger("medview_lung_segmentation").warning("few slices")
        log_of_medview.info("started")
    text = path.read_text()
    assert "PatientComments" not in text
    assert "few slices" in text
    assert "started" in text


def test_python_warnings_are_written_clean(tmp_path: Path) -> None:
    with logging_to(tmp_path, Redactor(["Simpson"])) as path, warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("odd value for Simpson", UserWarning, stacklevel=1)
    text = path.read_text()
    assert "odd value for <redacted>" in text


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_no_other_user_can_read_the_log(tmp_path: Path, log_of_medview: logging.Logger) -> None:
    with logging_to(tmp_path / "logs", Redactor()) as path:
        log_of_medview.info("started")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_log_stays_bounded(
    tmp_path: Path, log_of_medview: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medview.config.log._LARGEST", 10_000)
    with logging_to(tmp_path, Redactor()):
        for number in range(100):
            log_of_medview.info("%05d %s", number, "words " * 200)
    files = list(tmp_path.glob("medview.log*"))
    assert 1 < len(files) <= 5
    assert sum(file.stat().st_size for file in files) < 60_000


def test_stopping_twice_is_harmless(tmp_path: Path) -> None:
    before = logging.getLogger().handlers[:]
    handler = start_log(tmp_path, Redactor())
    stop_log(handler)
    stop_log(handler)
    assert logging.getLogger().handlers == before
