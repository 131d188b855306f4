"""`medview evaluate segmentation` against masks whose overlap is worked out by hand."""

from __future__ import annotations

import json
from importlib.util import find_spec

import numpy as np
import pytest

from tests.unit.app.saved import axial, labelmap, mask_file, save

pytestmark = pytest.mark.torch

GRID = axial()


def cube(start: int, stop: int, value: int = 1) -> np.ndarray:
    """A block of 10 x 10 voxels, `start` to `stop` along i."""
    array = np.zeros(GRID.shape, np.uint8)
    array[5:15, 10:20, start:stop] = value
    return array


def metrics(ended) -> dict[str, float | None]:
    assert ended.code == 0, ended.err
    told = json.loads(ended.out)
    assert told["schema"] == "medview.evaluate/1"
    assert all(set(m) == {"value", "low", "high", "n"} for m in told["metrics"].values())
    return {name: metric["value"] for name, metric in told["metrics"].items()}


def run(medview, *args):
    return medview("evaluate", "segmentation", *args, "--json")


def test_two_blocks_of_which_half_overlaps(medview, tmp_path):
    found = save(tmp_path / "found", labelmap(cube(10, 20)), grid=GRID)
    truth = mask_file(tmp_path / "truth.nii.gz", cube(15, 25), GRID)
    ended = run(medview, found, truth)
    told = metrics(ended)
    assert told["dice"] == pytest.approx(0.5)
    assert told["iou"] == pytest.approx(1 / 3)
    assert told["volume_error_percent"] == pytest.approx(0)
    # One end is 5 mm too short, the other 5 mm too long.
    assert told["hd95_mm"] == pytest.approx(5, abs=0.1)
    assert told["surface_dice_2mm"] is not None
    assert 0 < told["surface_dice_2mm"] < 1
    assert "compared by place" in ended.err


def test_a_file_is_as_good_as_a_findings_folder(medview, tmp_path):
    a = mask_file(tmp_path / "a.nrrd", cube(10, 20), GRID)
    b = mask_file(tmp_path / "b.mha", cube(10, 14), GRID)
    told = metrics(run(medview, a, b))
    assert told["dice"] == pytest.approx(2 * 4 / 14)
    assert told["volume_error_percent"] == pytest.approx(150)


def test_several_labels_are_told_apart_by_number(medview, tmp_path):
    both = cube(5, 10) + cube(20, 30, 2)
    found = save(tmp_path / "found", labelmap(both, (1, 2)), grid=GRID)
    truth = mask_file(tmp_path / "truth.nii", cube(5, 10) + cube(20, 25, 2), GRID)
    told = metrics(run(medview, found, truth))
    assert told["dice:1"] == 1
    assert told["dice:2"] == pytest.approx(2 * 5 / 15)
    assert "dice" not in told


def test_map_renames_labels_of_the_reference_and_may_swap_them(medview, tmp_path):
    found = save(tmp_path / "found", labelmap(cube(5, 10) + cube(20, 30, 2), (1, 2)), grid=GRID)
    truth = mask_file(tmp_path / "truth.nii.gz", cube(5, 10, 2) + cube(20, 30, 1), GRID)
    assert metrics(run(medview, found, truth))["dice:1"] == 0
    told = metrics(run(medview, found, truth, "--map", "2=1,1=2"))
    assert told["dice:1"] == told["dice:2"] == 1


def test_merge_compares_all_labels_as_one(medview, tmp_path):
    found = save(tmp_path / "found", labelmap(cube(5, 10) + cube(10, 15, 2), (1, 2)), grid=GRID)
    truth = mask_file(tmp_path / "truth.nii.gz", cube(5, 15, 7), GRID)
    assert metrics(run(medview, found, truth, "--merge"))["dice"] == 1


def test_a_mask_on_another_grid_is_resampled_onto_the_reference(medview, tmp_path):
    # The same block of space sampled at 2 mm: i 10..20 mm becomes 5 voxels.
    coarse = axial((10, 15, 20), (2.0, 2.0, 2.0), (-19.5, -14.5, 100.5))
    array = np.zeros(coarse.shape, np.uint8)
    array[2:7, 5:10, 5:10] = 1
    found = save(tmp_path / "found", labelmap(array), grid=coarse)
    exact = np.zeros(GRID.shape, np.uint8)
    exact[4:14, 10:20, 10:20] = 1
    ended = run(medview, found, mask_file(tmp_path / "truth.nii.gz", exact, GRID))
    assert metrics(ended)["dice"] == 1
    assert "resampled" in ended.err


def test_cases_in_folders_are_matched_by_name(medview, tmp_path):
    for name, stop in (("a", 20), ("b", 15), ("c", 15)):
        save(tmp_path / "found" / name, labelmap(cube(10, stop)), grid=GRID)
    for name in ("a", "b"):
        mask_file(tmp_path / "truth" / f"{name}.nii.gz", cube(10, 20), GRID)
    ended = run(medview, tmp_path / "found", tmp_path / "truth")
    assert metrics(ended)["dice"] == pytest.approx((1 + 2 * 5 / 15) / 2)
    dice = json.loads(ended.out)["metrics"]["dice"]
    assert dice["n"] == 2
    assert dice["low"] == pytest.approx(2 / 3)
    assert dice["high"] == 1
    assert "no reference: 'c'" in ended.err


def test_a_label_that_a_case_lacks_is_not_counted_there(medview, tmp_path):
    save(tmp_path / "found" / "a", labelmap(cube(10, 20)), grid=GRID)
    save(tmp_path / "found" / "b", labelmap(cube(10, 20, 2), (2,)), grid=GRID)
    mask_file(tmp_path / "truth" / "a.nii.gz", cube(10, 20), GRID)
    mask_file(tmp_path / "truth" / "b.nii.gz", cube(10, 15, 2), GRID)
    told = json.loads(run(medview, tmp_path / "found", tmp_path / "truth").out)["metrics"]
    assert (told["dice:1"]["value"], told["dice:1"]["n"]) == (1, 1)
    assert (told["dice:2"]["value"], told["dice:2"]["n"]) == (pytest.approx(2 / 3), 1)


def test_a_reference_without_prediction_is_refused(medview, tmp_path):
    save(tmp_path / "found" / "a", labelmap(cube(10, 20)), grid=GRID)
    for name in ("a", "hard-case"):
        mask_file(tmp_path / "truth" / f"{name}.nii.gz", cube(10, 20), GRID)
    ended = run(medview, tmp_path / "found", tmp_path / "truth")
    assert ended.code == 2
    assert "'hard-case'" in ended.err
    assert json.loads(ended.out)["schema"] == "medview.error/1"


def test_masks_of_different_frames_or_places_are_refused(medview, tmp_path):
    a = save(tmp_path / "a", labelmap(cube(10, 20)), grid=GRID)
    b = save(tmp_path / "b", labelmap(cube(10, 20)), grid=axial(frame="1.2.3"))
    assert run(medview, a, b).code == 2
    far = mask_file(tmp_path / "far.nii.gz", cube(10, 20), axial(origin=(500, 0, 0)))
    ended = run(medview, a, far)
    assert ended.code == 2
    assert "different parts of space" in ended.err


@pytest.mark.parametrize("setting", ["2", "a=1", "2=", "1=2,1=3", "1=-2", "1.5=2"])
def test_a_wrong_map_ends_with_2(medview, tmp_path, setting):
    a = mask_file(tmp_path / "a.nrrd", cube(10, 20), GRID)
    ended = run(medview, a, a, "--map", setting)
    assert ended.code == 2
    assert "--map" in ended.err


def test_what_is_missing_ends_with_2_and_what_is_no_mask_with_3(medview, tmp_path):
    a = mask_file(tmp_path / "a.nrrd", cube(10, 20), GRID)
    assert run(medview, a, tmp_path / "gone.nrrd").code == 2
    (tmp_path / "note.txt").write_text("hello", encoding="utf-8")
    assert run(medview, tmp_path / "note.txt", a).code == 2
    (tmp_path / "damaged.nrrd").write_text("hello", encoding="utf-8")
    assert run(medview, tmp_path / "damaged.nrrd", a).code == 3
    heat = mask_file(tmp_path / "heat.nrrd", cube(10, 20) * np.float32(0.4), GRID)
    ended = run(medview, heat, a)
    assert ended.code == 3
    assert "whole numbers" in ended.err
    (tmp_path / "empty").mkdir()
    assert run(medview, tmp_path / "empty", tmp_path / "empty").code == 3
    assert run(medview, tmp_path / "empty", a).code == 2


def test_two_label_maps_are_told_apart_by_name(medview, tmp_path):
    one = labelmap(cube(10, 20))
    other = type(one)("Other", cube(0, 5), one.labels)
    found = save(tmp_path / "found", one, other, grid=GRID)
    truth = mask_file(tmp_path / "truth.nii.gz", cube(10, 20), GRID)
    ended = run(medview, found, truth)
    assert ended.code == 2
    assert "'Labels', 'Other'" in ended.err
    assert metrics(run(medview, found, truth, "--finding", "Labels"))["dice"] == 1


def test_empty_masks_agree_and_have_no_distance(medview, tmp_path):
    a = mask_file(tmp_path / "a.nrrd", cube(0, 0), GRID)
    told = metrics(run(medview, a, a))
    assert told["dice"] == 1
    assert told["hd95_mm"] is None


def test_people_get_a_table(medview, tmp_path):
    a = mask_file(tmp_path / "a.nrrd", cube(10, 20), GRID)
    ended = medview("evaluate", "segmentation", a, a)
    assert ended.code == 0
    assert ended.out.splitlines()[0].split() == ["dice", "1", "(n", "=", "1)"]


def test_the_command_alone_explains_itself(medview):
    assert medview("evaluate").code == 2
    assert medview("evaluate", "--help").code == 0
    assert medview("evaluate", "segmentation").code == 2
    assert medview("evaluate", "nonsense").code == 2


@pytest.mark.skipif(
    find_spec("medview_lung_segmentation") is None, reason="the lung model is not installed"
)
def test_the_lungs_of_a_real_ct_agree_with_their_mask(data_dir, tmp_path, capsys):
    from medview.app.cli import main

    case = data_dir / "chest_ct_lowres_lungmask"
    out = tmp_path / "findings"
    assert main(["run", "lung-segmentation", str(case / "ct-64Dicom"), "-o", str(out)]) == 0
    capsys.readouterr()
    args = ["evaluate", "segmentation", str(out), str(case / "wholeLung-64.nrrd")]
    assert main([*args, "--merge", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["metrics"]
    assert 0.95 < told["dice"]["value"] < 1
    assert told["dice"]["n"] == 1
