"""`medview evaluate detection`: a curve worked out by hand, and a reading of LIDC."""

from __future__ import annotations

import json

import numpy as np
import pytest

from medview.app.cli import main
from medview.testing.reading import read_volume
from tests.unit.app.saved import axial, detections, labelmap, save

GRID = axial()
"""x -20..19, y -15..14, z 100..119 mm."""
HEADER = "seriesuid,coordX,coordY,coordZ,diameter_mm\n"


def run(medview, *args):
    return medview("evaluate", "detection", *args, "--json")


def values(ended) -> dict[str, float | None]:
    assert ended.code == 0, ended.err
    return {n: m["value"] for n, m in json.loads(ended.out)["metrics"].items()}


@pytest.fixture
def marks(tmp_path):
    def write(*rows: str, name: str = "annotations.csv"):
        path = tmp_path / name
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        return path

    return write


def test_a_scan_is_matched_by_its_series_uid(medview, tmp_path, marks):
    save(tmp_path / "found" / "one", detections((0, 0, 110, 0.9)), grid=GRID, series_uid="1.2.3")
    told = values(run(medview, tmp_path / "found", marks("1.2.3,1,0,110,6", "9.9,0,0,0,6")))
    assert told["cpm"] == 1
    assert set(told) == {
        "cpm",
        *(f"sensitivity@{rate}" for rate in ("0.125", "0.25", "0.5", "1", "2", "4", "8")),
    }


def test_a_file_without_uid_is_matched_by_the_name_of_its_folder(medview, tmp_path, marks):
    save(tmp_path / "1.2.3", detections((0, 0, 110, 0.9)), grid=GRID, series_uid="file:ab")
    assert values(run(medview, tmp_path / "1.2.3", marks("1.2.3,1,0,110,6")))["cpm"] == 1


def test_scans_without_annotation_are_scans_without_nodules(medview, tmp_path, marks):
    """Four scans, two nodules: one found at 0.9, one at 0.3; one false positive at 0.6.

    The curve goes (0, 0), (0, 1/2), (1/4, 1/2), (1/4, 1): at an eighth of a
    false positive per scan half is found, from a quarter on all.
    """
    save(tmp_path / "found" / "a", detections((0, 0, 110, 0.9)), grid=GRID, series_uid="1")
    save(tmp_path / "found" / "b", detections((0, 0, 110, 0.3)), grid=GRID, series_uid="2")
    save(tmp_path / "found" / "c", detections((0, 0, 110, 0.6)), grid=GRID, series_uid="3")
    save(tmp_path / "found" / "d", detections(), grid=GRID, series_uid="4")
    ended = run(medview, tmp_path / "found", marks("1,0,0,110,6", "2,0,0,110,6"))
    told = values(ended)
    assert told["sensitivity@0.125"] == pytest.approx(0.5)
    assert told["sensitivity@0.25"] == told["sensitivity@8"] == 1
    assert told["cpm"] == pytest.approx(6.5 / 7)
    assert "2 scans without any reference finding" in ended.err
    metric = json.loads(ended.out)["metrics"]["cpm"]
    assert metric["n"] == 2
    assert metric["low"] <= metric["value"] <= metric["high"]


def test_a_single_scan_that_the_csv_does_not_name_has_no_sensitivity(medview, tmp_path, marks):
    found = save(tmp_path / "f", detections((0, 0, 110, 0.9)), grid=GRID, series_uid="5")
    ended = run(medview, found, marks("1,0,0,110,6"))
    assert values(ended)["cpm"] is None
    assert "no sensitivity" in ended.err


def test_excluded_findings_count_neither_way(medview, tmp_path, marks):
    found = save(
        tmp_path / "f",
        detections((0, 0, 110, 0.5), (10, 10, 105, 0.9)),
        grid=GRID,
        series_uid="1",
    )
    table = marks("1,0,0,110,6")
    excluded = marks("1,10,10,105,-1", name="annotations_excluded.csv")
    assert values(run(medview, found, table))["sensitivity@0.125"] == 0
    assert values(run(medview, found, table, "--excluded", excluded))["sensitivity@0.125"] == 1


def test_reference_findings_outside_the_scan_are_told_and_left_out(medview, tmp_path, marks):
    found = save(tmp_path / "f", detections((0, 0, 110, 0.9)), grid=GRID, series_uid="1")
    ended = run(medview, found, marks("1,0,0,110,6", "1,0,0,400,6"))
    assert values(ended)["cpm"] == 1
    assert "1 reference findings lie outside" in ended.err


def test_two_findings_of_one_scan_are_refused(medview, tmp_path, marks):
    for name in ("a", "b"):
        save(tmp_path / "found" / name, detections((0, 0, 110, 1)), grid=GRID, series_uid="1")
    ended = run(medview, tmp_path / "found", marks("1,0,0,110,6"))
    assert ended.code == 2
    assert "'a', 'b'" in ended.err


def test_wrong_input_is_told_in_words(medview, tmp_path, marks):
    found = save(tmp_path / "f", detections((0, 0, 110, 0.9)), grid=GRID, series_uid="1")
    table = marks("1,0,0,110,6")
    assert run(medview, found, tmp_path / "gone.csv").code == 2
    assert run(medview, tmp_path / "gone", table).code == 2
    assert run(medview, table, table).code == 2
    broken = marks("1,a,b,c,d", name="broken.csv")
    ended = run(medview, found, broken)
    assert ended.code == 3
    assert "Line 2 of broken.csv" in ended.err
    masks = save(
        tmp_path / "masks", labelmap(np.zeros(GRID.shape, np.uint8)), grid=GRID, series_uid="1"
    )
    ended = run(medview, masks, table)
    assert ended.code == 3
    assert "hold no detections" in ended.err
    (tmp_path / "note.xml").write_text("<a/>", encoding="utf-8")
    assert run(medview, found, tmp_path / "note.xml").code == 3
    assert run(medview, found, table, "--excluded", tmp_path / "gone.csv").code == 2


def test_the_nodule_of_an_lidc_slab_is_found_where_its_readers_drew_it(data_dir, tmp_path, capsys):
    case = data_dir / "chest_ct_train" / "lidc_0003_slab"
    volume = read_volume(case)
    uid = volume.info.series_uid
    truth = json.loads((case / "nodules.json").read_text("utf-8"))["nodules"]
    nodule = next(n for n in truth if n["readers"] == 4)
    x, y, z = nodule["mean_centre_lps_mm"]
    radius = nodule["mean_equivalent_diameter_mm"] / 2

    def cpm(*found, series_uid: str = str(uid), reference=case / "72.xml") -> float | None:
        folder = tmp_path / f"f{len(list(tmp_path.iterdir()))}"
        save(folder, detections(*found), grid=volume.grid, series_uid=series_uid)
        if main(["evaluate", "detection", str(folder), str(reference), "--json"]):
            return None
        metrics = json.loads(capsys.readouterr().out)["metrics"]
        assert metrics["cpm"]["n"] == 1
        value: float = metrics["cpm"]["value"]
        return value

    assert cpm((x + 0.5 * radius, y, z, 0.7)) == 1
    assert cpm((x + 1.5 * radius, y, z, 0.7)) == 0
    assert cpm((x, y, z, 0.7), series_uid="1.2.3") is None
    assert "another series" in capsys.readouterr().err
