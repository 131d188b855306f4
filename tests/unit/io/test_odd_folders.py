"""Links, pipes, locked folders and damaged archives cost themselves and nothing else."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from medview.core.errors import InputError
from medview.core.progress import Cancelled
from medview.io import collect
from medview.io.dicom.describe import describe_part
from medview.io.dicom.planes import planes_of
from medview.io.index import Index
from medview.io.load import load
from medview.io.scan import Scan, scan
from tests.unit.io.series import make_grid, scan_one, write_field


def codes(found: Scan) -> dict[str, str]:
    return {Path(s.path).name: s.code for s in found.skipped}


@pytest.mark.parametrize("paths", [1, 2])
def test_a_link_that_leads_nowhere_is_named_and_the_rest_opens(tmp_path: Path, paths: int) -> None:
    write_field(tmp_path / "ct", make_grid())
    (tmp_path / "ct" / "lost.dcm").symlink_to(tmp_path / "nothing")
    (tmp_path / "other").mkdir()
    found = scan([tmp_path / "ct", tmp_path / "other"][:paths])
    assert [e.series.files for e in found.entries] == [7]
    assert codes(found) == {"lost.dcm": "unreadable"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes in folders are a habit of Unix")
@pytest.mark.timeout(30)
def test_a_pipe_does_not_keep_the_scan_waiting(tmp_path: Path) -> None:
    write_field(tmp_path, make_grid())
    os.mkfifo(tmp_path / "pipe.dcm")
    found = scan([tmp_path])
    assert [e.series.files for e in found.entries] == [7]
    assert codes(found) == {"pipe.dcm": "not-an-image"}


def test_a_link_to_a_folder_is_not_followed_and_said_so(tmp_path: Path) -> None:
    write_field(tmp_path / "ct", make_grid())
    (tmp_path / "ct" / "again").symlink_to(tmp_path / "ct", target_is_directory=True)
    found = scan([tmp_path / "ct"])
    assert [e.series.files for e in found.entries] == [7]
    assert codes(found) == {"again": "link-to-folder"}


def test_a_locked_folder_is_listed_as_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_field(tmp_path / "ct", make_grid())
    (tmp_path / "ct" / "locked").mkdir()
    opened = os.scandir

    def guarded(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(path)
        return opened(path)

    monkeypatch.setattr("medview.io.walk.os.scandir", guarded)
    found = scan([tmp_path / "ct"])
    assert [e.series.files for e in found.entries] == [7]
    assert codes(found) == {"locked": "unreadable"}


def test_a_defect_of_a_reader_costs_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    paths = write_field(tmp_path, make_grid(), patient_name="Muster^Erika")
    right = planes_of

    def wrong(instance: object) -> object:
        if instance.header.source.path == paths[6]:  # type: ignore[attr-defined]
            raise ZeroDivisionError("Muster^Erika")
        return right(instance)  # type: ignore[arg-type]

    monkeypatch.setattr("medview.io.collect.planes_of", wrong)
    found = scan([tmp_path])
    assert [e.series.files for e in found.entries] == [6]
    assert codes(found) == {paths[6].name: collect.UNFORESEEN}
    assert "ZeroDivisionError" in caplog.text
    assert "Muster" not in caplog.text


def test_a_series_that_cannot_be_put_together_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_field(tmp_path / "good", make_grid(), seed="good")
    write_field(tmp_path / "bad", make_grid(), seed="bad", series_description="bad")
    right = describe_part

    def wrong(part: object, uid: str) -> object:
        if part.instances[0].header.source.path.parent.name == "bad":  # type: ignore[attr-defined]
            raise InputError("It is damaged.")
        return right(part, uid)  # type: ignore[arg-type]

    monkeypatch.setattr("medview.io.collect.describe_part", wrong)
    found = scan([tmp_path])
    assert [e.series.files for e in found.entries] == [7]
    assert len(found.skipped) == 7


def archive_of(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return target


def test_one_changed_bit_in_an_archive_is_noticed(tmp_path: Path) -> None:
    write_field(tmp_path / "ct", make_grid())
    archive = archive_of(tmp_path / "ct", tmp_path / "ct.zip")
    with zipfile.ZipFile(archive) as opened:
        member = opened.infolist()[3]
    data = bytearray(archive.read_bytes())
    data[member.header_offset + member.file_size - 40] ^= 0x10
    archive.write_bytes(data)
    found = scan([archive])
    assert [e.series.files for e in found.entries] == [6]
    assert codes(found) == {member.filename: "damaged-archive"}


def test_cancelling_stops_within_an_archive(tmp_path: Path) -> None:
    write_field(tmp_path / "ct", make_grid())
    archive = archive_of(tmp_path / "ct", tmp_path / "ct.zip")
    calls = 0

    def cancelled(fraction: float | None, text: str) -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        scan([archive], progress=cancelled)
    assert calls == 4


@pytest.mark.skipif(os.name != "posix", reason="only there may names be any bytes")
def test_names_that_are_no_text_open_and_are_remembered(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/M\xfcller"))
    folder.mkdir()
    write_field(folder, make_grid())
    index = Index(tmp_path / "home")
    first = index.scan([folder])
    again = index.scan([folder])
    index.close()
    assert [e.series.uid for e in again.entries] == [e.series.uid for e in first.entries]
    assert (
        load(again.entries[0]).info.fingerprint
        == load(scan_one(folder).entries[0]).info.fingerprint
    )
