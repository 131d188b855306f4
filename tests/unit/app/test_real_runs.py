"""The main job on real input: a chest CT folder in, a mask of both lungs out."""

from __future__ import annotations

import json
from importlib.util import find_spec

import numpy as np
import pytest
import SimpleITK as sitk

from medview.app.cli import main

pytestmark = pytest.mark.skipif(
    find_spec("medview_lung_segmentation") is None, reason="the lung model is not installed"
)


def test_the_lungs_of_a_real_ct_are_found_on_the_right_sides(data_dir, tmp_path):
    case = data_dir / "chest_ct_lowres_lungmask"
    out = tmp_path / "findings"
    assert main(["run", "lung-segmentation", str(case / "ct-64Dicom"), "-o", str(out)]) == 0
    told = json.loads((out / "findings.json").read_text("utf-8"))
    lungs = next(item for item in told["findings"] if item["type"] == "labelmap")
    image = sitk.ReadImage(str(out / lungs["file"]))
    mask = sitk.GetArrayFromImage(image)
    truth = sitk.GetArrayFromImage(sitk.ReadImage(str(case / "wholeLung-64.nrrd"))) > 0
    found = np.isin(mask, (1, 2))
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) >= 0.95

    def middle_x(label):
        k, j, i = (float(axis.mean()) for axis in np.nonzero(mask == label))
        return image.TransformContinuousIndexToPhysicalPoint((i, j, k))[0]

    # LPS: x grows to the Left, and label 1 is the right lung.
    assert middle_x(1) + 60 < middle_x(2)
    voxel_ml = float(np.prod(image.GetSpacing())) / 1000
    volumes = {label["value"]: label["volume_ml"] for label in lungs["labels"]}
    assert volumes[1] == pytest.approx((mask == 1).sum() * voxel_ml)


def test_two_reconstructions_of_one_scan_are_never_mixed_up(data_dir, tmp_path, capsys):
    case = str(data_dir / "chest_ct_siemens_8mm")
    out = tmp_path / "findings"
    assert main(["run", "lung-segmentation", case, "-o", str(out)]) == 2
    listed = [line.split()[0] for line in capsys.readouterr().err.splitlines() if "B70f" in line]
    assert main(["run", "lung-segmentation", case, "-o", str(out), "--series", listed[0]]) == 0
    told = json.loads((out / "findings.json").read_text("utf-8"))
    assert told["provenance"]["source"]["series_uid"] == listed[0]


@pytest.mark.parametrize("name", ["mr_brain_t1.zip", "fundus_idrid_train"])
def test_what_is_no_ct_of_a_chest_is_refused_in_words(data_dir, tmp_path, capsys, name):
    out = tmp_path / "findings"
    code = main(["run", "lung-segmentation", str(data_dir / name), "-o", str(out)])
    assert code == 4
    assert "fits no series here" in capsys.readouterr().err
    assert not out.exists()
