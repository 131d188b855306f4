"""A findings folder is whole or absent, the same twice, and reads back as it was."""

from __future__ import annotations

import gzip
import json
import os
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import jsonschema
import numpy as np
import pytest
from PIL import Image

from medview.core.errors import InputError, MedviewError, UsageError
from medview.core.findings.base import Findings
from medview.core.findings.detections import Quantity
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import Label, LabelMap
from medview.core.findings.measurements import Measurements
from medview.core.geometry.grid import Grid
from medview.core.progress import Cancelled
from medview.io.export.findings_folder import check_target, read_findings, write_findings
from tests.unit.export.examples import (
    GRID,
    LABELS,
    VOLUME,
    image_findings,
    labels_of,
    provenance,
    slide_findings,
    volume_findings,
)

SCHEMA = Path(__file__).parents[3] / "resources" / "schemas" / "findings.json"

MOVED = (GRID.index_to_lps + 5 * np.eye(4, k=3)).tolist()

EVERY_KIND = pytest.mark.parametrize(
    "make", [volume_findings, image_findings, slide_findings], ids=["volume", "image", "slide"]
)


def assert_equal(a: Any, b: Any) -> None:
    """Equal in every field, arrays and grids included."""
    assert type(a) is type(b)
    if isinstance(a, np.ndarray):
        assert a.dtype.kind == b.dtype.kind
        np.testing.assert_array_equal(a, b)
    elif isinstance(a, Grid):
        assert a.shape == b.shape
        assert a.frame_of_reference == b.frame_of_reference
        np.testing.assert_array_equal(a.index_to_lps, b.index_to_lps)
    elif isinstance(a, tuple):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            assert_equal(x, y)
    elif hasattr(a, "__dataclass_fields__"):
        for name in a.__dataclass_fields__:
            assert_equal(getattr(a, name), getattr(b, name))
    else:
        assert a == b


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


@EVERY_KIND
def test_what_is_written_reads_back_equal(make: Callable[[], Findings], tmp_path: Path) -> None:
    findings = make()
    write_findings(tmp_path / "out", findings)
    back = read_findings(tmp_path / "out")
    filled = tuple(
        replace(item, grid=item.grid or GRID)
        if isinstance(item, LabelMap | Heatmap) and make is volume_findings
        else item
        for item in findings.items
    )
    assert_equal(back.items, filled)
    assert_equal(back.provenance, findings.provenance)


@EVERY_KIND
def test_two_equal_runs_write_equal_bytes(make: Callable[[], Findings], tmp_path: Path) -> None:
    write_findings(tmp_path / "a", make())
    write_findings(tmp_path / "b", make())
    assert content(tmp_path / "a") == content(tmp_path / "b")


@EVERY_KIND
def test_the_document_follows_the_published_schema(
    make: Callable[[], Findings], tmp_path: Path
) -> None:
    write_findings(tmp_path / "out", make())
    document = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema, jsonschema.Draft202012Validator)
    assert "Not for diagnosis" in document["notice"]
    files = {f["file"] for f in document["findings"] if "file" in f}
    assert files | {"findings.json"} == set(content(tmp_path / "out"))


def test_label_volumes_are_stated_in_millilitres(tmp_path: Path) -> None:
    array = np.zeros(GRID.shape, np.uint8)
    array[1:3, :, :] = 1
    findings = Findings(LabelMap("m", array, LABELS, GRID), provenance=provenance(VOLUME))
    write_findings(tmp_path / "out", findings)
    entry = json.loads((tmp_path / "out" / "findings.json").read_text())["findings"][0]
    right, left = entry["labels"]
    assert right["volume_ml"] == pytest.approx(2 * 5 * 6 * 0.7 * 1.1 * 2.5 / 1000)
    assert left["volume_ml"] == 0
    assert right["code"] == {"scheme": "SCT", "value": "3341006", "meaning": "Right lung"}


def test_labels_of_an_image_are_the_grey_values_of_its_png(tmp_path: Path) -> None:
    write_findings(tmp_path / "out", image_findings())
    with Image.open(tmp_path / "out" / "lesions.png") as image:
        assert image.mode == "L"
        np.testing.assert_array_equal(np.asarray(image), labels_of((7, 9)))
    with Image.open(tmp_path / "out" / "many.png") as image:
        assert int(np.asarray(image).max()) == 600


def test_labels_of_a_slide_carry_their_scale(tmp_path: Path) -> None:
    write_findings(tmp_path / "out", slide_findings())
    with Image.open(tmp_path / "out" / "tissue.ome.tiff") as image:
        text = image.tag_v2[270]  # type: ignore[attr-defined]
    assert 'PhysicalSizeX="50.0"' in text  # 1800 pixels of 0.5 um over 18 pixels
    assert 'PhysicalSizeY="25.0"' in text
    assert 'SizeX="18"' in text


def test_tile_csv_has_the_published_columns(tmp_path: Path) -> None:
    write_findings(tmp_path / "out", slide_findings())
    head, first, *_ = (tmp_path / "out" / "tumour.csv").read_text().splitlines()
    assert head == "x,y,width,height,tissue_fraction,tumour,stroma"
    assert first.startswith("0,0,512,512,")


def test_a_folder_that_holds_something_is_not_touched(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "mine.txt").write_text("x")
    with pytest.raises(UsageError, match="not empty"):
        write_findings(folder, volume_findings())
    assert content(folder) == {"mine.txt": b"x"}
    assert [p.name for p in tmp_path.iterdir() if "medview-home" not in p.name] == ["out"]


def test_an_empty_folder_and_missing_parents_are_fine(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write_findings(tmp_path / "empty", image_findings())
    write_findings(tmp_path / "a" / "b" / "c", image_findings())
    assert content(tmp_path / "empty") == content(tmp_path / "a" / "b" / "c")


def test_overwriting_replaces_the_folder_whole(tmp_path: Path) -> None:
    write_findings(tmp_path / "out", volume_findings())
    write_findings(tmp_path / "out", slide_findings(), overwrite=True)
    write_findings(tmp_path / "fresh", slide_findings())
    assert content(tmp_path / "out") == content(tmp_path / "fresh")


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        write_findings(tmp_path / "out", volume_findings(), overwrite=True)


def test_the_home_and_the_working_folder_are_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "home" / "work"
    inner.mkdir(parents=True)
    (inner / "x").touch()
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.chdir(inner)
    for folder in (inner, tmp_path / "home", tmp_path):
        with pytest.raises(UsageError, match="more than findings"):
            check_target(folder, overwrite=True)


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_full_disk_leaves_everything_as_it_was(
    overwrite: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "results" / "out"
    if overwrite:
        write_findings(target, slide_findings())
    before = content(target) if overwrite else None

    def full(self: Path, *args: object, **kwargs: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(MedviewError, match="No space left") as caught:
        write_findings(target, volume_findings(), overwrite=overwrite)
    assert caught.value.code == "write-failed"
    assert str(tmp_path) not in caught.value.message
    assert (content(target) if overwrite else None) == before
    assert [p.name for p in (tmp_path / "results").iterdir()] == (["out"] if overwrite else [])


def test_a_failed_swap_brings_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "results" / "out"
    write_findings(target, slide_findings())
    before = content(target)
    rename = Path.rename

    def refuse_new(self: Path, to: Path) -> Path:
        if to == target and (self / "nodule-probability.nii.gz").exists():
            raise PermissionError(13, "Permission denied")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", refuse_new)
    with pytest.raises(MedviewError, match="Permission denied"):
        write_findings(target, volume_findings(), overwrite=True)
    assert content(target) == before
    assert [p.name for p in target.parent.iterdir()] == ["out"]


def test_an_old_folder_that_cannot_go_back_is_kept_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "results" / "out"
    write_findings(target, slide_findings())
    before = content(target)
    rename = Path.rename

    def refuse(self: Path, to: Path) -> Path:
        if to == target:
            raise PermissionError(13, "Permission denied")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(MedviewError, match="Permission denied") as caught:
        write_findings(target, volume_findings(), overwrite=True)
    (aside,) = target.parent.iterdir()
    assert content(aside / "old") == before
    assert aside.name in caught.value.message
    assert "left behind" not in caught.value.message


def test_cancelling_while_writing_leaves_nothing(tmp_path: Path) -> None:
    def stop(fraction: float | None, text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        write_findings(tmp_path / "results" / "out", volume_findings(), progress=stop)
    assert list((tmp_path / "results").iterdir()) == []


def test_labels_in_numbers_of_numpy_are_written_like_any_other(tmp_path: Path) -> None:
    grid = VOLUME.grid
    assert grid is not None
    mask = np.ones(grid.shape, np.uint8)
    one, colour = cast("int", mask.flat[0]), tuple(np.array([1, 2, 3], np.uint8))
    labels = (Label(one, "a", cast("tuple[int, int, int]", colour)),)
    given = Findings(LabelMap("m", mask, labels, grid), provenance=provenance(VOLUME))
    write_findings(tmp_path / "out", given)
    (item,) = read_findings(tmp_path / "out").items
    assert isinstance(item, LabelMap)
    assert item.labels == (Label(1, "a", (1, 2, 3)),)


def test_numbers_that_json_cannot_hold_are_not_written(tmp_path: Path) -> None:
    bad = Findings(
        Measurements("m", (Quantity("x", float("nan"), "mm"),)), provenance=provenance(VOLUME)
    )
    with pytest.raises(ValueError, match="JSON"):
        write_findings(tmp_path / "results" / "out", bad)
    assert list((tmp_path / "results").iterdir()) == []


def test_findings_without_provenance_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="provenance"):
        write_findings(tmp_path / "out", Findings())
    assert not (tmp_path / "out").exists()


def test_the_umask_decides_who_may_read(tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("POSIX permissions")
    old = os.umask(0o027)
    try:
        write_findings(tmp_path / "out", image_findings())
    finally:
        os.umask(old)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o750


def test_a_folder_without_findings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no findings folder"):
        read_findings(tmp_path)


def edited(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    write_findings(folder, volume_findings())
    document = json.loads((folder / "findings.json").read_text("utf-8"))
    change(document)
    (folder / "findings.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d.update(schema="medview.findings/2"), "findings-unknown"),
        (lambda d: d["findings"][0].update(type="hologram"), "findings-unknown"),
        (lambda d: d["findings"][0].update(file="../../etc/passwd"), "findings-damaged"),
        (lambda d: d["findings"][0].update(file="/etc/passwd"), "findings-damaged"),
        (lambda d: d["findings"][0].update(file="absent.nii.gz"), "findings-damaged"),
        (lambda d: d["findings"][0].pop("labels"), "findings-damaged"),
        (lambda d: d["findings"][0]["grid"]["index_to_lps"][0].append(9), "findings-damaged"),
        (lambda d: d["findings"][0]["grid"].update(index_to_lps=MOVED), "findings-damaged"),
        (lambda d: d.pop("provenance"), "findings-damaged"),
        (lambda d: d["findings"].append([]), "findings-damaged"),
        (lambda d: d["findings"][0]["labels"][0].update(value=np.inf), "findings-damaged"),
    ],
    ids=[
        "newer",
        "type",
        "upwards",
        "absolute",
        "absent",
        "labels",
        "affine",
        "moved",
        "provenance",
        "list",
        "endless label",
    ],
)
def test_a_document_that_cannot_be_trusted_is_refused(
    change: Callable[[dict[str, Any]], None], code: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        read_findings(edited(tmp_path / "out", change))
    assert caught.value.code == code


def test_further_keys_are_no_obstacle(tmp_path: Path) -> None:
    folder = edited(tmp_path / "out", lambda d: d["findings"][0].update(colour_blind_safe=True))
    assert len(read_findings(folder).items) == 5


def test_damaged_files_are_refused_in_words(tmp_path: Path) -> None:
    write_findings(tmp_path / "out", volume_findings())
    path = tmp_path / "out" / "lungs.nii.gz"
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"not gzip at all", whole[:-4] + b"\0\0\0\0"):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"lungs\.nii\.gz"):
            read_findings(tmp_path / "out")
    for text in ("{", "[" * 100_000):
        (tmp_path / "out" / "findings.json").write_text(text)
        with pytest.raises(InputError, match="damaged"):
            read_findings(tmp_path / "out")


def test_a_header_that_promises_more_than_its_file_can_hold_takes_no_memory(
    tmp_path: Path,
) -> None:
    write_findings(tmp_path / "out", volume_findings())
    path = tmp_path / "out" / "lungs.nii.gz"
    data = bytearray(gzip.decompress(path.read_bytes()))
    struct.pack_into("<3h", data, 42, 32767, 32767, 32767)
    path.write_bytes(gzip.compress(bytes(data)))
    with pytest.raises(InputError, match=r"lungs\.nii\.gz"):
        read_findings(tmp_path / "out")


def test_a_table_of_tiles_with_an_endless_cell_is_refused_in_words(tmp_path: Path) -> None:
    write_findings(tmp_path / "out", slide_findings())
    path = next((tmp_path / "out").glob("*.csv"))
    path.write_text(f"x,y,width,height,tissue_fraction\n{'1' * 200_000},1,1,1,1\n")
    with pytest.raises(InputError, match="tile scores"):
        read_findings(tmp_path / "out")
