"""Zip archives, gzip streams and DICOMDIR files: read in place, and never out of place."""

from __future__ import annotations

import gzip
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import UID

from medview.core.data.volume import Volume
from medview.core.errors import InputError, UsageError
from medview.io.archive import members
from medview.io.load import load
from medview.io.scan import scan
from tests.unit.io.series import assert_field, load_volume, make_grid, scan_one, write_field


def zipped(folder: Path, target: Path, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(target, "w", method) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"CD/{path.name}")
    return target


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_zipped_series_is_the_same_volume(tmp_path: Path, method: int) -> None:
    write_field(tmp_path / "ct", make_grid())
    volume = load_volume(zipped(tmp_path / "ct", tmp_path / "ct.zip", method))
    assert_field(volume)


def test_nothing_is_unpacked_beside_the_archive_or_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_field(tmp_path / "ct", make_grid())
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "box").mkdir()
    archive = zipped(tmp_path / "ct", tmp_path / "box" / "ct.zip")
    load(scan_one(archive).entries[0])
    assert [p.name for p in (tmp_path / "box").iterdir()] == ["ct.zip"]
    assert not list((tmp_path / "temporary").iterdir())


def test_member_names_that_point_outside_are_only_names(tmp_path: Path) -> None:
    (path,) = write_field(tmp_path / "ct", make_grid(), keep=(0,))
    archive = tmp_path / "box" / "evil.zip"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as file:
        file.write(path, "../../outside.dcm")
        file.write(path, "/etc/absolute.dcm")
    before = sorted(p for p in tmp_path.rglob("*") if p.is_file())
    found = scan([archive])
    for entry in found.entries:
        load(entry)
    assert sorted(p for p in tmp_path.rglob("*") if p.is_file()) == before
    assert sum(e.series.files for e in found.entries) == 2


def test_a_member_that_unfolds_to_gigabytes_is_skipped_with_the_reason(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file,
        file.open("big.dcm", "w") as member,
    ):
        for _ in range(100):
            member.write(bytes(1 << 20))
    found = scan([archive])
    assert [s.code for s in found.skipped] == ["too-large"]
    assert "big.dcm" in found.skipped[0].message


def test_a_member_that_lies_about_its_size_is_cut_off(tmp_path: Path) -> None:
    (path,) = write_field(tmp_path / "ct", make_grid((2, 200, 200)), keep=(0,))
    archive = zipped(tmp_path / "ct", tmp_path / "ct.zip")
    data = bytearray(archive.read_bytes())
    entry = data.rfind(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 24, 5000)
    archive.write_bytes(data)
    found = scan([archive])
    assert not found.entries
    assert found.skipped[0].code in ("damaged-archive", "truncated-pixels", "too-large")
    assert path.name in found.skipped[0].message


def test_an_encrypted_member_is_skipped_with_the_reason(tmp_path: Path) -> None:
    write_field(tmp_path / "ct", make_grid(), keep=(0,))
    archive = zipped(tmp_path / "ct", tmp_path / "ct.zip")
    data = bytearray(archive.read_bytes())
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(data)
    assert [s.code for s in scan([archive]).skipped] == ["encrypted-archive"]


def test_a_damaged_archive_is_one_sentence(tmp_path: Path) -> None:
    archive = tmp_path / "broken.zip"
    archive.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(InputError, match=r"broken\.zip is a zip archive and is damaged"):
        list(members(archive))
    assert [s.code for s in scan([tmp_path]).skipped] == ["damaged-archive"]


def test_an_archive_in_an_archive_is_named_and_not_opened(tmp_path: Path) -> None:
    write_field(tmp_path / "ct", make_grid(), keep=(0,))
    (tmp_path / "inner").mkdir()
    zipped(tmp_path / "ct", tmp_path / "inner" / "inner.zip")
    found = scan([zipped(tmp_path / "inner", tmp_path / "outer.zip")])
    assert [s.code for s in found.skipped] == ["nested-archive"]


def test_a_gzipped_slice_opens(tmp_path: Path, data_dir: Path) -> None:
    (path,) = write_field(tmp_path, make_grid(), keep=(0,))
    path.with_suffix(".dcm.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    image = load(scan_one(tmp_path).entries[0])
    assert image.array.shape == (10, 12)  # type: ignore[union-attr]
    entry = scan_one(data_dir / "dicom_transfer_syntaxes" / "zipMR.gz").entries[0]
    assert entry.series.modality == "MR"


def test_a_volume_file_inside_an_archive_opens(tmp_path: Path, data_dir: Path) -> None:
    archive = tmp_path / "nifti.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(data_dir / "nifti_basic" / "anatomical.nii", "a/anatomical.nii")
    volume = load(scan_one(archive).entries[0])
    plain = load(scan_one(data_dir / "nifti_basic" / "anatomical.nii").entries[0])
    assert isinstance(volume, Volume)
    assert isinstance(plain, Volume)
    np.testing.assert_array_equal(volume.array, plain.array)


def test_a_directory_that_names_a_missing_file_says_which(tmp_path: Path, data_dir: Path) -> None:
    (tmp_path / "DICOMDIR").write_bytes((data_dir / "dicomdir" / "DICOMDIR").read_bytes())
    found = scan([tmp_path / "DICOMDIR"])
    assert not found.entries
    assert {s.code for s in found.skipped} == {"directory", "missing-file"}
    assert len(found.skipped) > 10


@pytest.mark.filterwarnings("ignore:Invalid value for VR CS")
def test_a_directory_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
    from pydicom.sequence import Sequence

    write_field(tmp_path / "secret", make_grid(), keep=(0,))
    secret = next((tmp_path / "secret").iterdir())
    record = Dataset()
    record.DirectoryRecordType = "IMAGE"
    record.ReferencedFileID = ["..", "secret", secret.name]
    meta = FileMetaDataset()
    directory = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    meta.MediaStorageSOPClassUID = UID("1.2.840.10008.1.3.10")
    meta.MediaStorageSOPInstanceUID = UID("1.2.3")
    meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.1")
    directory.FileSetID = "X"
    directory.DirectoryRecordSequence = Sequence([record])
    (tmp_path / "cd").mkdir()
    directory.save_as(tmp_path / "cd" / "DICOMDIR", enforce_file_format=True)
    found = scan([tmp_path / "cd" / "DICOMDIR"])
    assert not found.entries
    assert "missing-file" in {s.code for s in found.skipped}


def test_a_path_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file or folder"):
        scan([tmp_path / "nowhere"])


def test_an_empty_folder_and_a_text_file_give_an_empty_scan(tmp_path: Path) -> None:
    assert scan([tmp_path]).entries == ()
    (tmp_path / "notes.txt").write_text("hello")
    found = scan([tmp_path])
    assert [s.code for s in found.skipped] == ["not-an-image"]
