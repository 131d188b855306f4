"""The patch command reads folders as documented and scores real patches well."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from medview_lung_nodule_detection.auc import area_under_curve, auc_with_interval
from medview_lung_nodule_detection.evaluate_patches import main
from medview_lung_nodule_detection.labelled_patches import fitted, read_labelled_patches
from PIL import Image


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    rows = ["file,nodule"]
    for n, size in enumerate([(50, 50), (50, 47), (64, 60), (50, 50)]):
        Image.fromarray(rng.integers(0, 255, size, dtype=np.uint8)).save(tmp_path / f"{n}.png")
        rows.append(f"{n}.png,{n % 2}")
    (tmp_path / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_rows_of_another_size_are_padded_or_cropped(folder: Path) -> None:
    patches = read_labelled_patches(folder)
    assert patches.pixels.shape == (4, 50, 50)
    assert patches.is_nodule.tolist() == [False, True, False, True]


def test_cropping_keeps_the_middle() -> None:
    patch = np.zeros((60, 50), dtype=np.uint8)
    patch[5:55] = 9
    assert (fitted(patch) == 9).all()


def test_the_command_prints_the_documented_json(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(folder), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == {"auc"}
    assert set(printed["auc"]) == {"value", "low", "high", "n"}
    assert printed["auc"]["n"] == 4
    assert 0 <= printed["auc"]["low"] <= printed["auc"]["high"] <= 1


def test_a_folder_without_a_table_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    assert "labels.csv" in capsys.readouterr().err


def test_a_table_cannot_reach_outside_its_folder(folder: Path) -> None:
    (folder / "labels.csv").write_text("file,nodule\n../x.png,1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="not in the folder"):
        read_labelled_patches(folder)


def test_the_area_counts_ties_half() -> None:
    positive = np.array([True, True, False, False])
    assert area_under_curve(positive, np.array([0.9, 0.5, 0.5, 0.1])) == 0.875


def test_the_interval_holds_the_value_and_repeats() -> None:
    rng = np.random.default_rng(1)
    positive = rng.random(400) < 0.3
    score = positive + rng.normal(size=400)
    row = np.arange(400)
    first, second = (auc_with_interval(positive, score, row) for _ in range(2))
    assert first == second
    assert first.low < first.value < first.high


def test_real_patches_that_were_held_back_are_told_apart(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    patches = str(data_dir / "lung_nodule_patches_luna16")
    assert main([patches, "--json", "--rows", "525000", "551100"]) == 0
    printed = json.loads(capsys.readouterr().out)["auc"]
    assert printed["n"] > 150
    assert printed["value"] >= 0.94
