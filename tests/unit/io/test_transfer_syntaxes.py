"""Stored values of every transfer syntax agree with an independent decoder's."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from medview.core.errors import InputError
from medview.io.dicom.colour import rgb_samples
from medview.io.dicom.decode import LOSSY
from medview.io.dicom.frame import Frame, classic_frame
from medview.io.dicom.instance import PixelFormat, instance_of
from medview.io.dicom.pixels import frame_bytes, read_stored
from medview.io.dicom.read import read_dicom_header
from medview.io.source import ByteSource

FOLDERS = ("dicom_transfer_syntaxes", "dicom_malformed", "dicom_seg_rt_sr")


def rows(data_dir: Path, folder: str) -> list[dict[str, str]]:
    with (data_dir / folder / "EXPECTED.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def frames_of(path: Path) -> list[Frame]:
    header = read_dicom_header(ByteSource(path))
    assert header is not None
    instance = instance_of(header)
    assert instance.format is not None
    return [classic_frame(instance, instance.format, index=n) for n in range(instance.frame_count)]


def decoded(path: Path) -> tuple[NDArray[np.generic], PixelFormat, str]:
    """All frames as the reference lists them: stored values, YBR turned to RGB."""
    planes = []
    for frame in frames_of(path):
        stored = read_stored(frame)
        if frame.format.samples > 1:
            stored = rgb_samples(stored, frame.format, frame.instance.header.transfer_syntax)
        planes.append(stored)
    array = planes[0] if len(planes) == 1 else np.stack(planes)
    return array, frame.format, frame.instance.header.transfer_syntax


@pytest.mark.parametrize("folder", FOLDERS)
def test_lossless_files_decode_to_the_same_bytes(data_dir: Path, folder: str) -> None:
    checked = 0
    for row in rows(data_dir, folder):
        if not row["sha256_16"] or row["ts_uid"] in LOSSY:
            continue
        array, _, _ = decoded(data_dir / folder / row["file"])
        assert "x".join(map(str, array.shape)) == row["decoded_shape"], row["file"]
        assert float(array.min()) == pytest.approx(float(row["min"])), row["file"]
        assert float(array.max()) == pytest.approx(float(row["max"])), row["file"]
        little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
        digest = hashlib.sha256(little.tobytes()).hexdigest()[:16]
        assert digest == row["sha256_16"], row["file"]
        checked += 1
    assert checked >= {"dicom_transfer_syntaxes": 30, "dicom_malformed": 4}.get(folder, 20)


@pytest.mark.parametrize("folder", FOLDERS)
def test_lossy_files_decode_within_a_few_counts(data_dir: Path, folder: str) -> None:
    for row in rows(data_dir, folder):
        if not row["sha256_16"] or row["ts_uid"] not in LOSSY:
            continue
        array, _, _ = decoded(data_dir / folder / row["file"])
        assert "x".join(map(str, array.shape)) == row["decoded_shape"], row["file"]
        assert abs(float(array.min()) - float(row["min"])) <= 3, row["file"]
        assert abs(float(array.max()) - float(row["max"])) <= 3, row["file"]
        assert abs(float(array.mean()) - float(row["mean"])) <= 0.5, row["file"]


def test_lossy_jpeg_agrees_sample_by_sample_with_a_second_decoder(data_dir: Path) -> None:
    from PIL import Image

    folder = data_dir / "dicom_transfer_syntaxes"
    checked = 0
    for row in rows(data_dir, "dicom_transfer_syntaxes"):
        # Pillow reads 8-bit baseline and extended JPEG; 12-bit it does not.
        if row["ts_uid"][-2:] not in ("50", "51") or row["bits_stored"] != "8":
            continue
        frame = frames_of(folder / row["file"])[0]
        array = read_stored(frame)
        with Image.open(io.BytesIO(frame_bytes(frame.instance, 0))) as image:
            other = np.asarray(image.convert("RGB") if array.ndim == 3 else image)
        assert int(np.abs(array.astype(int) - other.astype(int)).max()) <= 8, row["file"]
        checked += 1
    assert checked >= 5


def test_lossy_jpeg_2000_agrees_sample_by_sample_with_a_second_decoder(data_dir: Path) -> None:
    from openjpeg.utils import decode

    checked = 0
    for row in rows(data_dir, "dicom_transfer_syntaxes"):
        if row["ts_uid"].rpartition(".")[2] not in ("91", "203"):
            continue
        frame = frames_of(data_dir / "dicom_transfer_syntaxes" / row["file"])[0]
        ours = read_stored(frame).astype(int)
        theirs = np.asarray(decode(bytes(frame_bytes(frame.instance, 0)))).astype(int)
        assert np.abs(ours - theirs).max() <= 8, row["file"]
        checked += 1
    assert checked >= 4


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_the_reference_decoder_refuses_opens_or_gives_one_sentence(
    data_dir: Path, folder: str
) -> None:
    for row in rows(data_dir, folder):
        if not row["decoded_shape"].startswith("FAILS"):
            continue
        path = data_dir / folder / row["file"]
        try:
            header = read_dicom_header(ByteSource(path))
            if header is None:
                continue
            instance = instance_of(header)
            if instance.format is None:
                continue
            values = read_stored(classic_frame(instance, instance.format))
        except InputError as error:
            assert path.name in error.message  # noqa: PT017 - a refusal is one of the outcomes
            assert error.message.endswith(".")  # noqa: PT017 - a refusal is one of the outcomes
        else:
            assert values.shape[:2] == (instance.format.rows, instance.format.columns)


def test_a_deflated_image_frame_holds_the_bits_of_its_uncompressed_twin(data_dir: Path) -> None:
    folder = data_dir / "dicom_transfer_syntaxes"
    packed = [read_stored(f) for f in frames_of(folder / "liver_deflate.dcm")]
    plain = [read_stored(f) for f in frames_of(folder / "liver.dcm")]
    np.testing.assert_array_equal(np.stack(packed), np.stack(plain))


def test_a_stream_of_another_size_than_the_header_is_refused_before_decoding(
    data_dir: Path, tmp_path: Path
) -> None:
    import pydicom

    source = data_dir / "dicom_transfer_syntaxes" / "MR_small_jp2klossless.dcm"
    dataset = pydicom.dcmread(source)
    dataset.Rows = 65535
    path = tmp_path / "lying.dcm"
    dataset.save_as(path)
    with pytest.raises(InputError, match="64 x 64"):
        read_stored(frames_of(path)[0])
