"""What crosses the pipe comes out as it went in, and nothing else comes out at all."""

from __future__ import annotations

import contextlib
import io
import json
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medview.api import (
    Detection,
    Detections,
    Findings,
    Grade,
    Grades,
    Heatmap,
    Label,
    LabelMap,
    Measurements,
    Quantity,
    TileScores,
    param,
)
from medview.core.data.source import SourceInfo
from medview.core.findings.labelmap import Code
from medview.core.geometry.grid import same_sampling
from medview.host.card import ModelCard
from medview.host.params import as_json, build, specs_of
from medview.worker.blocks import Blocks
from medview.worker.channel import MAX_BYTES, Channel, ProtocolError
from medview.worker.forms import decode_params_type, encode_params_type
from medview.worker.results import decode_findings, encode_findings
from medview.worker.sources import decode_source, encode_source
from medview.worker.structure import CodecError, decode, encode

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.fixture
def blocks(tmp_path):
    return Blocks(tmp_path, "w")


def ask(question):
    raise AssertionError("a volume asks nothing")


def over_the_wire(data):
    return json.loads(json.dumps(data))


@dataclass(frozen=True)
class Params:
    closing_mm: float = param(10.0, label="Closing", help="How far", unit="mm", low=0, high=30)
    method: Literal["classical", "network"] = param("classical", label="Method")
    steps: int = 3
    smooth: bool = True
    note: str = ""


def test_a_source_arrives_with_every_fact_and_shares_its_memory(blocks, sagittal_ct):
    got: Any = decode_source(over_the_wire(encode_source(sagittal_ct, blocks)), blocks, ask)
    assert np.array_equal(got.array, sagittal_ct.array)
    assert not got.array.flags.writeable
    assert not got.array.flags.owndata
    assert same_sampling(got.grid, sagittal_ct.grid)
    assert encode(got.info) == encode(sagittal_ct.info)


def test_every_kind_of_finding_arrives_as_it_was(blocks, sagittal_ct):
    shape = sagittal_ct.grid.shape
    sent = Findings(
        LabelMap(
            "m",
            np.arange(210, dtype=np.uint16).reshape(shape) % 2,
            (Label(1, "bright", (255, 0, 0), Code("SCT", "1", "x")),),
            sagittal_ct.grid,
        ),
        Heatmap("h", np.linspace(0, 1, 210, dtype=np.float32).reshape(shape), (0.0, 1.0), "p"),
        Detections("d", (Detection("a", "x", 0.5, (1.0, 2.0, 3.0), (4.0, 5.0, 6.0),
                                   (Quantity("volume", 1.5, "ml"), Quantity("kind", "solid"))),)),
        Grades("g", (Grade("0", 0.25), Grade("1", 0.75)), "1"),
        Measurements("q", (Quantity("n", np.float64(0.5), "mm"),)),
        TileScores("t", np.array([[0, 0], [8, 0]]), 8, 0, 0.5, np.array([0.5, 1.0]),
                   np.array([[0.1], [0.2]]), ("tumour",)),
    )  # fmt: skip
    got = decode_findings(over_the_wire(encode_findings(sent, blocks)), blocks, 1 << 20)
    for before, after in zip(sent.items, got.items, strict=True):
        assert type(after) is type(before)
        for name in type(before).__dataclass_fields__:
            a, b = getattr(before, name), getattr(after, name)
            if isinstance(a, np.ndarray):
                assert np.array_equal(a, b)
                assert a.dtype == b.dtype
            elif name != "grid":
                assert encode(a) == encode(b)
    mask: Any = got.items[0]
    assert same_sampling(mask.grid, sagittal_ct.grid)


def test_parameters_arrive_with_limits_choices_and_defaults():
    got = decode_params_type(over_the_wire(encode_params_type(Params)))
    assert specs_of(got) == specs_of(Params)
    assert as_json(build(got, {"steps": "5"})) == as_json(build(Params, {"steps": "5"}))


def test_a_model_without_parameters_has_none():
    assert decode_params_type(encode_params_type(None)) is None


@given(JSON)
def test_no_json_at_all_makes_the_decoders_raise_anything_but_their_error(data):
    # Nothing is put there, so that there is never anything to take.
    blocks = Blocks(Path(__file__).parent, "w")
    for call in (
        lambda: decode(ModelCard, data),
        lambda: decode(SourceInfo, data),
        lambda: decode_findings(data, blocks, 1 << 20),
        lambda: decode_findings([data], blocks, 1 << 20),
        lambda: decode_params_type(data),
    ):
        with contextlib.suppress(CodecError):
            call()


@pytest.mark.parametrize(
    "change",
    [
        {"block": "../secret1"},
        {"block": "/etc/passwd"},
        {"block": "w999"},
        {"dtype": "O"},
        {"dtype": "V8"},
        {"shape": [-1]},
        {"shape": [2**39, 2**39]},
        {"shape": [2.0]},
        {"shape": [5]},
        {"shape": [True, True]},
        {"shape": [1] * 9},
    ],
)
def test_an_array_is_taken_only_if_it_is_what_it_says(blocks, change):
    told = {**blocks.put(np.zeros(4, np.uint8)), **change}
    with pytest.raises(CodecError):
        blocks.take(told, 1 << 20)


def test_an_array_larger_than_allowed_is_not_read(blocks):
    with pytest.raises(CodecError, match="more than"):
        blocks.take(blocks.put(np.zeros(4096, np.uint8)), 4095)


def test_an_array_is_written_once_and_gone_with_its_owner(blocks, tmp_path, sagittal_ct):
    array = sagittal_ct.array[:]
    told = blocks.lend(array)
    blocks.clear()
    assert blocks.lend(array) == told
    assert np.array_equal(blocks.map(told), array)
    del array
    assert list(tmp_path.iterdir()) == []


def test_a_second_array_takes_the_place_of_the_first(blocks, tmp_path, sagittal_ct):
    first, second = sagittal_ct.array[:2], sagittal_ct.array[:3]
    blocks.lend(first)
    told = blocks.lend(second)
    assert [path.name for path in tmp_path.iterdir()] == [told["block"]]
    del first
    assert np.array_equal(blocks.map(told), second)


def test_neither_a_link_nor_a_pipe_is_read_in_place_of_an_array(blocks, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"1234")
    (tmp_path / "w8").symlink_to(secret)
    os.mkfifo(tmp_path / "w9")
    for name in ("w8", "w9"):
        with pytest.raises(CodecError):
            blocks.take({"block": name, "dtype": "u1", "shape": [4]}, 100)


def test_a_mapped_array_cannot_be_made_writeable(blocks):
    mapped = blocks.map(blocks.put(np.zeros((2, 2))))
    with pytest.raises(ValueError, match="WRITEABLE"):
        mapped.flags.writeable = True


@pytest.mark.parametrize(
    "sent",
    [
        struct.pack(">II", MAX_BYTES + 1, 0),
        struct.pack(">II", 4, 0) + b"nope",
        struct.pack(">II", 2, 0) + b"[]",
        struct.pack(">II", 2, 0) + b"{}",
        struct.pack(">II", 200_000, 0) + b"[" * 200_000,
    ],
)
def test_bytes_that_are_no_message_are_refused(sent):
    with pytest.raises(ProtocolError):
        Channel(io.BytesIO(sent), io.BytesIO()).receive()


def test_a_long_list_crosses_whole_in_lines_that_are_short(blocks, tmp_path):
    sent = Findings(
        Detections("d", tuple(Detection(str(n), "x", 0.5, (1.0, n, 3.0), (1.0, 1.0, 1.0))
                              for n in range(20_000))),
        LabelMap("m", np.zeros((2, 2), np.uint8),
                 tuple(Label(n, f"region {n}", (1, 2, 3)) for n in range(1, 4000))),
    )  # fmt: skip
    told = over_the_wire(encode_findings(sent, blocks))
    assert len(json.dumps(told)) < 2000
    lines = (tmp_path / told[0]["items"]["block"]).read_bytes().splitlines()
    assert max(map(len, lines)) < 32 << 10
    detections: Any
    mask: Any
    detections, mask = decode_findings(told, blocks, 1 << 20).items
    assert detections == sent.items[0]
    assert mask.labels == sent.items[1].labels  # type: ignore[union-attr]
    assert list(tmp_path.iterdir()) == []


def test_one_record_may_be_long_but_not_without_end(blocks):
    def one(count: int) -> Findings:
        parts = tuple(Quantity(f"feature {n}", 0.5) for n in range(count))
        return Findings(Detections("d", (Detection("a", "x", 0.5, (0.0,), (1.0,), parts),)))

    got = decode_findings(encode_findings(one(1500), blocks), blocks, 1 << 20)
    assert got.items == one(1500).items
    with pytest.raises(CodecError, match="too large"):
        encode_findings(one(20_000), blocks)


@pytest.mark.parametrize(
    "lines",
    [
        b"[]",
        b"{}\n",
        b"[1]\n",
        b"\n" * 100,
        b"[" * 200_000 + b"\n",
        b"[" + b" " * MAX_BYTES + b"]\n",
        b'[{"name":"a","value":1},{"name":"a"}]\n',
    ],
)
def test_lines_that_are_no_list_are_refused(blocks, lines):
    (told,) = encode_findings(Findings(Measurements("m", ())), blocks)
    told["items"] = blocks.put(np.frombuffer(lines, np.uint8))
    with pytest.raises(CodecError):
        decode_findings([told], blocks, 1 << 20)


def test_lists_have_a_largest_size_together(blocks, monkeypatch):
    sent = Findings(*(Measurements(f"m{n}", (Quantity("a", 0.5),) * 100) for n in range(3)))
    told = encode_findings(sent, blocks)
    monkeypatch.setattr("medview.worker.results.MOST_BYTES", told[0]["items"]["shape"][0] * 2)
    with pytest.raises(CodecError, match="more than"):
        decode_findings(told, blocks, 1 << 20)


def test_a_pipe_that_ends_within_a_message_is_at_its_end():
    sent = struct.pack(">II", 10, 0) + b'{"say"'
    assert Channel(io.BytesIO(sent), io.BytesIO()).receive() is None
