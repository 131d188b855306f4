"""Pixel layouts that the standard allows and few files use, and headers that contradict them."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import UID

from medview.core.data.intensity import Window
from medview.core.data.volume import Volume
from medview.core.errors import InputError
from medview.io.load import load
from medview.io.scan import scan
from medview.io.source import ByteSource
from tests.unit.io.fuzz_seeds import enhanced_ct
from tests.unit.io.series import (
    assert_field,
    edit,
    load_volume,
    make_grid,
    scan_one,
    write_field,
)
from tests.unit.io.test_pictures import CAPTURE, open_image, write_picture

BIG_ENDIAN = UID("1.2.840.10008.1.2.2")
JPEG_LOSSLESS = UID("1.2.840.10008.1.2.4.70")


@pytest.mark.parametrize(("rows", "columns", "frames"), [(4, 6, 1), (3, 5, 1), (3, 5, 4)])
def test_bytes_in_big_endian_words_are_put_in_order(
    tmp_path: Path, rows: int, columns: int, frames: int
) -> None:
    pixels = np.arange(frames * rows * columns, dtype=np.uint8).reshape(frames, rows, columns)
    write_picture(tmp_path / "a.dcm", pixels[0])
    dataset = pydicom.dcmread(tmp_path / "a.dcm")
    data = pixels.tobytes() + bytes(pixels.size % 2)
    dataset.PixelData = np.frombuffer(data, "<u2").byteswap().tobytes()
    dataset["PixelData"].VR = "OW"
    dataset.NumberOfFrames = frames
    dataset.file_meta.TransferSyntaxUID = BIG_ENDIAN
    pydicom.dcmwrite(tmp_path / "a.dcm", dataset, little_endian=False, implicit_vr=False)
    entry = scan_one(tmp_path).entries[0]
    for time in range(frames):
        np.testing.assert_array_equal(load(entry, time=time).array, pixels[time])  # type: ignore[union-attr]


def test_halved_colours_on_an_odd_width_are_one_sentence(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.dcm", np.zeros((4, 5, 3), np.uint8))

    def halved(dataset: pydicom.Dataset) -> None:
        dataset.PhotometricInterpretation = "YBR_FULL_422"
        dataset.PixelData = bytes(4 * 5 * 2)

    edit(tmp_path / "a.dcm", halved)
    with pytest.raises(InputError, match=r"a\.dcm.*halved"):
        open_image(tmp_path)


@pytest.mark.parametrize(("stored", "precision"), [(12, 12), (16, 16), (10, 12)])
def test_signed_lossless_jpeg_keeps_its_sign(tmp_path: Path, stored: int, precision: int) -> None:
    values = np.arange(-60, 60, 2, dtype=np.int16).reshape(6, 10)
    write_picture(tmp_path / "a.dcm", values, bits=stored)

    def packed(dataset: pydicom.Dataset) -> None:
        bits = (values.view(np.uint16) & np.uint16((1 << precision) - 1)).astype(np.uint16)
        data = imagecodecs.jpeg8_encode(bits, lossless=True, bitspersample=precision)
        dataset.PixelData = encapsulate([bytes(data)])
        dataset["PixelData"].is_undefined_length = True
        dataset.file_meta.TransferSyntaxUID = JPEG_LOSSLESS

    edit(tmp_path / "a.dcm", packed)
    np.testing.assert_array_equal(open_image(tmp_path).array, values)


def test_a_high_bit_that_contradicts_the_depth_is_told(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.dcm", np.arange(60, dtype=np.uint16).reshape(6, 10), bits=12)
    edit(tmp_path / "a.dcm", lambda d: setattr(d, "HighBit", 15))
    warnings = scan_one(tmp_path).entries[0].series.warnings
    assert [w.code for w in warnings] == ["odd-high-bit"]


@pytest.mark.parametrize(("ratio", "codes"), [([2, 1], ["pixel-aspect-ratio"]), ([1, 1], [])])
def test_oblong_pixels_without_a_size_are_told(
    tmp_path: Path, ratio: list[int], codes: list[str]
) -> None:
    write_picture(tmp_path / "a.dcm", np.zeros((4, 6), np.uint8), PixelAspectRatio=ratio)
    assert [w.code for w in scan_one(tmp_path).entries[0].series.warnings] == codes


def test_slices_with_pixels_of_different_types_make_one_true_volume(tmp_path: Path) -> None:
    grid = make_grid()
    paths = write_field(tmp_path, grid)

    def signed(dataset: pydicom.Dataset) -> None:
        values = dataset.pixel_array.astype(np.int32) - 1024
        dataset.PixelRepresentation, dataset.RescaleIntercept = 1, 0
        dataset.PixelData = values.astype("<i2").tobytes()

    edit(paths[2], signed)
    assert_field(load_volume(tmp_path))


@pytest.mark.parametrize("compress", [False, True], ids=["plain", "jpeg-2000"])
@pytest.mark.parametrize("packed", [False, True], ids=["file", "archive"])
def test_an_enhanced_object_is_unfolded_once_for_all_its_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compress: bool, packed: bool
) -> None:
    path = enhanced_ct(tmp_path / "a.dcm", compress=compress, frames=12)
    if packed:
        with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(path, path.name)
        path.unlink()
    entry = scan_one(tmp_path).entries[0]
    unfolded = []
    right = ByteSource.read

    def counted(source: ByteSource) -> bytes:
        unfolded.append(source)
        return right(source)

    monkeypatch.setattr(ByteSource, "read", counted)
    volume = load(entry)
    assert isinstance(volume, Volume)
    stored = np.arange(12 * 80).reshape(12, 8, 10)
    np.testing.assert_array_equal(volume.array, 2 * stored - np.arange(12)[:, None, None])
    assert len(unfolded) == int(packed)


@pytest.mark.parametrize("big", [False, True], ids=["little", "big"])
def test_a_table_is_read_in_the_byte_order_of_its_file(tmp_path: Path, big: bool) -> None:
    write_picture(tmp_path / "a.dcm", np.arange(20, dtype=np.uint8).reshape(4, 5))
    dataset = pydicom.dcmread(tmp_path / "a.dcm")
    item = Dataset()
    item.add_new(0x00283002, "US", [20, 0, 16])
    table = (np.arange(20) * 1000).astype(">u2" if big else "<u2")
    item.add_new(0x00283006, "OW", table.tobytes())
    item.ModalityLUTType = "US"
    dataset.ModalityLUTSequence = Sequence([item])
    if big:
        dataset.file_meta.TransferSyntaxUID = BIG_ENDIAN
        dataset["PixelData"].VR = "OB"
    pydicom.dcmwrite(tmp_path / "a.dcm", dataset, little_endian=not big, implicit_vr=False)
    np.testing.assert_array_equal(open_image(tmp_path).array.ravel(), np.arange(20) * 1000)


def test_the_window_of_captures_that_form_a_volume_fits_its_values(tmp_path: Path) -> None:
    def captured(dataset: pydicom.Dataset) -> None:
        dataset.SOPClassUID = CAPTURE
        dataset.PhotometricInterpretation, dataset.Modality = "MONOCHROME1", "OT"
        dataset.WindowCenter, dataset.WindowWidth = 130, 120

    for path in write_field(tmp_path, make_grid()):
        edit(path, captured)
    entry = scan_one(tmp_path).entries[0]
    assert entry.series.kind == "volume"
    assert entry.series.window == Window(120.0, 130.0)
    values = load_volume(tmp_path).array
    assert values.min() < 130 < values.max()


@pytest.mark.parametrize("value", ["0", "1e999", "nan"])
def test_a_frame_whose_rescale_means_nothing_is_refused(tmp_path: Path, value: str) -> None:
    path = enhanced_ct(tmp_path / "a.dcm")

    def marked(dataset: pydicom.Dataset) -> None:
        group = dataset.PerFrameFunctionalGroupsSequence[4]
        group.PixelValueTransformationSequence[0].RescaleSlope = "7.2512"

    edit(path, marked)
    data = path.read_bytes()
    assert data.count(b"7.2512") == 1
    path.write_bytes(data.replace(b"7.2512", value.encode().ljust(6)))
    found = scan([path])
    assert [s.code for s in found.skipped] == ["damaged-header"]
    assert "a.dcm" in found.skipped[0].message


def test_a_deflated_file_cannot_unfold_to_gigabytes(tmp_path: Path) -> None:
    (path,) = write_field(tmp_path, make_grid((1, 8, 8)), syntax="deflated")
    data = path.read_bytes()
    start = pydicom.filereader.read_file_meta_info(path).FileMetaInformationGroupLength + 144
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(100)) + packer.flush()
    path.write_bytes(data[:start] + bomb)
    assert [s.code for s in scan([path]).skipped] == ["too-large"]


def test_a_gzipped_file_cannot_unfold_to_gigabytes(tmp_path: Path) -> None:
    (path,) = write_field(tmp_path, make_grid((1, 8, 8)))
    with gzip.open(tmp_path / "a.dcm.gz", "wb") as file:
        file.write(path.read_bytes())
        for _ in range(100):
            file.write(bytes(1 << 20))
    path.unlink()
    assert [s.code for s in scan([tmp_path]).skipped] == ["too-large"]


def test_compressed_bytes_are_never_shown_as_if_they_were_pixels(
    tmp_path: Path, data_dir: Path
) -> None:
    """One damaged bit in the length of the pixels makes it look like that of plain ones."""
    path = tmp_path / "a.dcm"
    data = (data_dir / "dicom_transfer_syntaxes" / "SC_rgb_small_odd_jpeg.dcm").read_bytes()
    element = b"\xe0\x7f\x10\x00OB\x00\x00"
    path.write_bytes(data.replace(element + b"\xff" * 4, element + b"\xff\xff\xfd\xff"))
    found = scan([path])
    assert [s.code for s in found.skipped] == ["damaged-pixels"]
    assert "a.dcm" in found.skipped[0].message


def test_pixels_of_a_vendors_own_syntax_are_not_guessed_at(tmp_path: Path) -> None:
    """It has big endian pixels in a little endian file."""
    write_picture(tmp_path / "a.dcm", np.arange(60, dtype=np.uint16).reshape(6, 10))
    dataset = pydicom.dcmread(tmp_path / "a.dcm")
    dataset.file_meta.TransferSyntaxUID = UID("1.2.840.113619.5.2")
    pydicom.dcmwrite(tmp_path / "a.dcm", dataset, little_endian=True, implicit_vr=True)
    found = scan([tmp_path])
    assert not found.entries
    assert "a.dcm" in found.skipped[0].message


def test_plain_pixels_under_a_compressed_syntax_are_refused(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.dcm", np.arange(60, dtype=np.uint16).reshape(6, 10))
    data = (tmp_path / "a.dcm").read_bytes()
    said = data.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.5\0")
    (tmp_path / "a.dcm").write_bytes(said)
    assert [s.code for s in scan([tmp_path]).skipped] == ["damaged-pixels"]
