"""Every damaged file gives an image or one plain sentence, and costs nothing but itself."""

from __future__ import annotations

import hashlib
import shutil
import tracemalloc
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from medview.core.data.volume import Volume
from medview.core.errors import MedviewError
from medview.io.collect import UNFORESEEN
from medview.io.load import load
from medview.io.scan import Scan, scan
from tests.unit.io.series import assert_field, edit, make_grid, write_field

FAILING = "series_with_reference_nifti/failing"
FOLDERS = ("dicom_malformed", FAILING)
_LITTLE = 8 << 20
"""Bytes that looking at headers may take; what they promise is thousands of times as much."""


def files_below(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def assert_plain(message: str, names: set[str]) -> None:
    """One sentence or two for people that name a file, and no traceback."""
    assert message.endswith(".")
    assert "\n" not in message
    assert "Error" not in message
    assert any(name in message for name in names), message


def open_everything(found: Scan) -> None:
    """Load what opens; every refusal must name one of the files of its series."""
    for skipped in found.skipped:
        assert skipped.code != UNFORESEEN, skipped
        assert_plain(skipped.message, {Path(skipped.path).name})
    for entry in found.entries:
        if entry.series.kind in ("document", "slide"):
            continue
        names = {i.header.source.name for i in getattr(entry.content, "instances", ())}
        for time in (0, entry.series.times - 1):
            try:
                load(entry, time=time)
            except MedviewError as error:
                assert_plain(error.message, names)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_single_file_is_an_image_or_a_sentence(data_dir: Path, folder: str) -> None:
    for path in files_below(data_dir / folder):
        found = scan([path])
        accounted = len(found.skipped) + sum(e.series.files for e in found.entries)
        assert accounted == 1, path.name
        open_everything(found)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_whole_folder_of_faults_opens_as_far_as_it_can(data_dir: Path, folder: str) -> None:
    found = scan([data_dir / folder])
    assert found.entries
    open_everything(found)


def test_no_damaged_file_changes_what_lies_beside_it(data_dir: Path, tmp_path: Path) -> None:
    write_field(tmp_path / "good", make_grid())
    (uid,) = (e.series.uid for e in scan([tmp_path / "good"]).entries)
    for number, path in enumerate(files_below(data_dir / "dicom_malformed")):
        shutil.copy(path, tmp_path / "good" / f"{number:03d}_{path.name}")
    volume = load(scan([tmp_path]).entry(uid))
    assert isinstance(volume, Volume)
    assert volume.grid.shape == make_grid().shape
    assert not volume.info.marks
    assert_field(volume)


def test_what_cannot_be_read_is_skipped_and_the_rest_opens(tmp_path: Path) -> None:
    write_field(tmp_path / "good", make_grid())
    (tmp_path / "empty.dcm").write_bytes(b"")
    (tmp_path / "thumbs.db").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "README").write_text("Insert the disc and wait.\n")
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    found = scan([tmp_path])
    assert [e.series.kind for e in found.entries] == ["volume"]
    names = {Path(s.path).name for s in found.skipped}
    assert names == {"empty.dcm", "thumbs.db", "README", "lost"}
    for skipped in found.skipped:
        assert_plain(skipped.message, names)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_promise_of_terabytes_takes_no_memory(
    tmp_path: Path, data_dir: Path, compressed: bool
) -> None:
    if compressed:
        path = tmp_path / "lying.dcm"
        shutil.copy(data_dir / "dicom_transfer_syntaxes" / "MR_small_RLE.dcm", path)
    else:
        (path,) = write_field(tmp_path, make_grid(), keep=(0,))

    def promise(dataset: Dataset) -> None:
        dataset.Rows = dataset.Columns = 65535
        dataset.NumberOfFrames = 60000

    edit(path, promise)
    scan([path])  # what is imported on the way does not count
    tracemalloc.start()
    try:
        found = scan([path])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not found.entries
    assert_plain(found.skipped[0].message, {path.name})
    assert peak < _LITTLE


@pytest.mark.parametrize("syntax", ["MR_small_RLE.dcm", "MR_small_jp2klossless.dcm"])
def test_a_plane_that_claims_more_than_its_stream_holds_is_refused_before_it_is_made(
    tmp_path: Path, data_dir: Path, syntax: str
) -> None:
    path = tmp_path / "lying.dcm"
    shutil.copy(data_dir / "dicom_transfer_syntaxes" / syntax, path)

    def promise(dataset: Dataset) -> None:
        dataset.Rows = dataset.Columns = 8192

    edit(path, promise)
    (entry,) = scan([path]).entries
    with pytest.raises(MedviewError):
        load(entry)
    tracemalloc.start()
    try:
        with pytest.raises(MedviewError) as refused:
            load(entry)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert_plain(refused.value.message, {path.name})
    assert peak < _LITTLE


def state(folder: Path) -> dict[str, tuple[int, int, str]]:
    return {
        str(p.relative_to(folder)): (
            p.stat().st_mode,
            p.stat().st_mtime_ns,
            hashlib.sha256(p.read_bytes()).hexdigest(),
        )
        for p in files_below(folder)
    }


@pytest.mark.parametrize(
    "folder", [*FOLDERS, "dicom_transfer_syntaxes", "dicomdir", "nifti_basic", "mr_siemens_mosaic"]
)
def test_nothing_of_a_real_folder_is_written_to(
    data_dir: Path, tmp_path: Path, folder: str
) -> None:
    shutil.copytree(data_dir / folder, tmp_path / "source")
    before = state(tmp_path / "source")
    for entry in scan([tmp_path / "source"]).entries:
        try:
            load(entry)
        except MedviewError:
            continue
    assert state(tmp_path / "source") == before
