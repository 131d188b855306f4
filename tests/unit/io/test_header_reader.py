"""The quick header reader agrees with pydicom on every real file, and gives up where it must."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pydicom
import pytest

from medview.io.dicom import tags
from medview.io.dicom.element_walk import UnusualHeaderError
from medview.io.dicom.fallback import read_unusual_header
from medview.io.dicom.header import Header, read_header
from medview.io.dicom.read import read_dicom_header
from medview.io.source import ByteSource
from tests.unit.io.series import assert_field, load_volume, make_grid, write_field

FOLDERS = (
    "dicom_transfer_syntaxes",
    "dicom_malformed",
    "dicom_charsets",
    "dicom_seg_rt_sr",
    "dicomdir",
    "head_ct_gantry_tilt_ge",
    "mr_siemens_mosaic",
    "series_with_reference_nifti",
)


META = {tags.TRANSFER_SYNTAX, tags.MEDIA_SOP_CLASS}


def quick(data: bytes) -> Header | None:
    return read_header(ByteSource(Path("x")), io.BytesIO(data), len(data))


def test_the_quick_reader_and_pydicom_see_the_same_bytes_in_every_real_file(
    data_dir: Path,
) -> None:
    compared = 0
    for path in sorted(p for f in FOLDERS for p in (data_dir / f).rglob("*") if p.is_file()):
        data = path.read_bytes()
        try:
            header = quick(data)
        except UnusualHeaderError:
            continue
        if header is None or header.inflated_from is not None or header.incomplete:
            continue
        if path.name in ("DICOMDIR-bigEnd", "no_meta_group_length.dcm"):
            continue
        if not header.values.keys() - META:
            continue
        slow = read_unusual_header(ByteSource(path), io.BytesIO(data), len(data))
        for tag in tags.WANTED - META:
            ours, theirs = (h.values.get(tag, b"").rstrip(b" ") for h in (header, slow))
            assert ours == theirs, (path.name, hex(tag))
        assert header.pixels == slow.pixels, path.name
        assert header.present == slow.present, path.name
        assert header.big_endian == slow.big_endian, path.name
        compared += 1
    assert compared > 150


def test_most_real_files_need_no_fallback(data_dir: Path) -> None:
    unusual = []
    total = 0
    for path in sorted(p for f in FOLDERS for p in (data_dir / f).rglob("*") if p.is_file()):
        total += 1
        try:
            quick(path.read_bytes())
        except UnusualHeaderError:
            unusual.append(path.name)
    assert len(unusual) < total / 20, unusual


@pytest.mark.parametrize("size", [0, 1, 131, 132, 140, 400])
def test_a_file_that_ends_early_is_no_crash(tmp_path: Path, size: int) -> None:
    (path,) = write_field(tmp_path, make_grid(), keep=(0,))
    cut = tmp_path / "cut"
    cut.write_bytes(path.read_bytes()[:size])
    try:
        header = read_dicom_header(ByteSource(cut))
    except Exception as error:  # noqa: BLE001 - the type is what is tested
        assert type(error).__name__ == "InputError"  # noqa: PT017 - a refusal is one of the outcomes
    else:
        assert header is None or header.pixels is None


def test_text_that_starts_like_an_element_is_no_dicom_file() -> None:
    assert quick(b"\x08\x00plain text, and rather a lot of it" * 20) is None
    assert quick(b"%PDF-1.7 and more" * 30) is None
    assert quick(b"") is None


def test_a_file_without_preamble_and_meta_information_is_understood(tmp_path: Path) -> None:
    (path,) = write_field(tmp_path, make_grid(), keep=(0,))
    dataset = pydicom.dcmread(path)
    for implicit in (True, False):
        stream = io.BytesIO()
        del dataset.file_meta
        dataset.save_as(stream, implicit_vr=implicit, little_endian=True, enforce_file_format=False)
        header = quick(stream.getvalue())
        assert header is not None
        assert header.values[tags.MODALITY] == b"CT"
        assert header.pixels is not None
        dataset = pydicom.dcmread(path)


def test_long_private_elements_are_stepped_over_without_being_read(tmp_path: Path) -> None:
    (path,) = write_field(tmp_path, make_grid(), keep=(0,))
    dataset = pydicom.dcmread(path)
    block = dataset.private_block(0x0009, "LONG", create=True)
    block.add_new(0x10, "OB", bytes(5 << 20))
    dataset.save_as(path)

    class Counting(io.BytesIO):
        count = 0

        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            self.count += len(data)
            return data

    data = path.read_bytes()
    stream = Counting(data)
    header = read_header(ByteSource(path), stream, len(data))
    assert header is not None
    assert header.pixels is not None
    assert stream.count < 1 << 18


def test_names_of_patients_never_reach_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (path,) = write_field(tmp_path, make_grid(), keep=(0,), birth_date="19700101")
    data = path.read_bytes().replace(b"19700101", b"Muster^X").replace(b"DS", b"??", 1)
    path.write_bytes(data)
    with caplog.at_level(logging.DEBUG):
        try:
            read_dicom_header(ByteSource(path))
        except Exception as error:  # noqa: BLE001
            assert type(error).__name__ == "InputError"  # noqa: PT017 - a refusal is one of the outcomes
    assert "Muster" not in caplog.text


@pytest.mark.parametrize("suffix", [".img", ".hdr", ".nii"])
def test_old_files_without_preamble_are_known_whatever_they_are_called(
    tmp_path: Path, suffix: str
) -> None:
    for path in write_field(tmp_path, make_grid()):
        data = path.read_bytes()[132:]
        meta = 12 + int.from_bytes(data[8:12], "little")
        path.with_suffix(suffix).write_bytes(data[meta:])
        path.unlink()
    assert_field(load_volume(tmp_path))
