"""No damage to a file makes a crash, a hang or a silent untruth."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medview.core.errors import InputError
from medview.io.dicom.codestream import jpeg2000_info, jpeg_info
from medview.io.dicom.decode import decode_compressed
from medview.io.dicom.element_walk import UnusualHeaderError
from medview.io.dicom.fragments import frame_ranges, joined
from medview.io.dicom.header import read_header
from medview.io.dicom.instance import PixelFormat, check_numbers, instance_of
from medview.io.source import ByteSource
from tests.unit.io.fuzzing import cases, run_case

COUNT = 2000


@pytest.mark.filterwarnings("ignore")  # pydicom, which is compared with, warns of the damage
@pytest.mark.timeout(200)
def test_two_thousand_damaged_files_open_truly_or_give_a_sentence(
    data_dir: Path, tmp_path: Path
) -> None:
    made, folder = tmp_path / "seeds", tmp_path / "case"
    folder.mkdir()
    outcomes = {
        run_case(case, files, folder) for case, files in cases(data_dir, made, COUNT, seed=1)
    }
    # The damage must have been of every kind, else the test proves little.
    assert {"volume", "image", "stack", "sentence", "skipped"} <= {
        part for outcome in outcomes for part in outcome.split("+")
    }


PREAMBLE = bytes(128) + b"DICM"
META = b"\x02\x00\x10\x00UI\x14\x001.2.840.10008.1.2.1\x00"


@given(st.binary(max_size=600))
def test_any_bytes_after_a_preamble_give_a_header_or_a_plain_refusal(tail: bytes) -> None:
    for data in (PREAMBLE + META + tail, PREAMBLE + tail, tail):
        try:
            header = read_header(ByteSource(Path("x")), io.BytesIO(data), len(data))
        except (UnusualHeaderError, InputError):
            continue
        if header is not None:
            instance = instance_of(header)
            try:
                check_numbers(instance.header)
            except InputError as error:
                assert error.message.startswith("x: ")  # noqa: PT017 - refusal is one outcome


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0x0008, 0x0010, 0x0018, 0x0020, 0x0028, 0x0029]),
            st.integers(0, 0xFFFF),
            st.sampled_from([b"LO", b"DS", b"US", b"SQ", b"UN", b"OB", b"??"]),
            st.integers(0, 0xFFFF_FFFF),
            st.binary(max_size=20),
        ),
        max_size=12,
    )
)
def test_any_stream_of_elements_ends(elements: list[tuple[int, int, bytes, int, bytes]]) -> None:
    body = b"".join(
        group.to_bytes(2, "little")
        + element.to_bytes(2, "little")
        + vr
        + (length & 0xFFFF).to_bytes(2, "little")
        + length.to_bytes(4, "little")
        + value
        for group, element, vr, length, value in elements
    )
    data = PREAMBLE + META + body
    try:
        header = read_header(ByteSource(Path("x")), io.BytesIO(data), len(data))
    except UnusualHeaderError:
        return
    assert header is not None


@given(st.binary(max_size=300), st.integers(1, 5))
def test_any_bytes_as_fragments_give_frames_or_a_refusal(data: bytes, count: int) -> None:
    for content in (data, b"\xfe\xff\x00\xe0\x00\x00\x00\x00" + data):
        try:
            stream = io.BytesIO(content)
            frames = [joined(stream, ranges) for ranges in frame_ranges(stream, 0, count)]
        except InputError:
            continue
        assert 0 < len(frames) <= count
        assert sum(map(len, frames)) <= len(content)


@given(st.binary(max_size=300))
def test_any_bytes_as_a_compressed_stream_are_refused_in_words(data: bytes) -> None:
    form = PixelFormat(rows=8, columns=8)
    for start in (b"", b"\xff\xd8", b"\xff\x4f\xff\x51"):
        for info in (jpeg_info, jpeg2000_info):
            try:
                info(start + data)
            except InputError as error:
                assert error.message.endswith(".")  # noqa: PT017 - refusal is one outcome
        for syntax in ("1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.90"):
            try:
                decoded = decode_compressed(start + data, form, syntax)
            except InputError:
                continue
            assert decoded.shape == (8, 8)
