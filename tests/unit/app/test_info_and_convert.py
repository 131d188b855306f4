"""`medview info`, `convert`, `models` and `sample` on real files."""

from __future__ import annotations

import json

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from tests.fake_models import GOOD_RUN


def test_info_prints_one_json_document(medview, ct):
    ended = medview("info", ct, "--json")
    assert ended.code == 0
    told = json.loads(ended.out)
    assert told["schema"] == "medview.info/1"
    (series,) = told["studies"][0]["series"]
    assert series["kind"] == "volume"
    assert series["shape"] == [12, 16, 20]
    assert series["spacing_mm"] == [2.5, 1.5, 1.25]
    assert ended.err == ""


def test_info_tells_people_size_spacing_and_uid(medview, ct):
    ended = medview("info", ct)
    assert "12 x 16 x 20 of 2.5 x 1.5 x 1.25 mm" in ended.out
    assert "hounsfield" in ended.out
    assert "None" not in ended.out


def test_nothing_readable_ends_with_3_and_json_still_lists_what_was_skipped(medview, tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "a.txt").write_text("hello", encoding="utf-8")
    ended = medview("info", folder, "--json")
    assert ended.code == 3
    told = json.loads(ended.out)
    assert told["studies"] == []
    assert [item["path"].endswith("a.txt") for item in told["skipped"]] == [True]
    assert "nothing here that medview can read" in ended.err


def test_an_empty_folder_ends_with_3(medview, tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    assert medview("info", folder).code == 3


def test_a_path_that_is_not_there_ends_with_2(medview, tmp_path):
    ended = medview("info", tmp_path / "gone")
    assert ended.code == 2
    assert ended.err == f"There is no file or folder '{tmp_path / 'gone'}'.\n"


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".mha"])
def test_convert_keeps_values_and_geometry(medview, ct, tmp_path, ct_volume, suffix):
    out = tmp_path / f"out{suffix}"
    ended = medview("convert", ct, out)
    assert ended.code == 0
    assert ended.out == ""
    image = sitk.ReadImage(str(out))
    assert np.array_equal(sitk.GetArrayFromImage(image), ct_volume.array)
    assert image.GetSpacing() == pytest.approx((1.25, 1.5, 2.5))
    assert image.TransformIndexToPhysicalPoint((5, 4, 3)) == pytest.approx((-23.75, -14.0, 107.5))


def test_convert_refuses_an_unknown_ending_before_it_reads_anything(medview, tmp_path):
    ended = medview("convert", tmp_path / "gone", tmp_path / "out.xyz")
    assert ended.code == 2
    assert "'out.xyz' does not end in one of .nii" in ended.err


def test_convert_replaces_a_file_only_when_told(medview, ct, tmp_path):
    out = tmp_path / "out.nrrd"
    out.write_text("mine", encoding="utf-8")
    assert medview("convert", ct, out).code == 2
    assert out.read_text("utf-8") == "mine"
    assert medview("convert", ct, out, "--overwrite").code == 0
    assert out.stat().st_size > 100


def test_convert_never_replaces_what_it_reads(medview, tmp_path):
    source = tmp_path / "moving.nii"
    four = np.zeros((5, 6, 7, 3), np.int16)
    nibabel.save(nibabel.nifti1.Nifti1Image(four, np.diag([1.0, 1, 1, 1])), source)
    before = source.read_bytes()
    ended = medview("convert", source, tmp_path / "." / "moving.nii", "--overwrite")
    assert ended.code == 2
    assert "it is the source" in ended.err
    assert source.read_bytes() == before


def test_several_series_are_listed_with_their_uids_and_ended_with_2(
    medview, ct, tmp_path, ct_volume
):
    header = SeriesHeader(seed="second", series_description="Sharp kernel")
    write_dicom_series(ct_volume, ct / "second", header=header)
    out = tmp_path / "out.nrrd"
    ended = medview("convert", ct, out)
    assert ended.code == 2
    assert "2 series" in ended.err
    assert "Sharp kernel" in ended.err
    assert not out.exists()
    uids = [line.split()[0] for line in ended.err.splitlines() if line.startswith("  ")]
    assert medview("convert", ct, out, "--series", uids[1]).code == 0


def test_an_unknown_series_ends_with_2(medview, ct, tmp_path):
    ended = medview("convert", ct, tmp_path / "o.nrrd", "--series", "1.2.3")
    assert ended.code == 2
    assert "1.2.3" in ended.err


def test_a_stack_is_not_converted_and_the_reason_is_told(medview, ct, tmp_path):
    for path in sorted(ct.iterdir())[3:10]:
        path.unlink()
    out = tmp_path / "o.nrrd"
    told = json.loads(medview("info", ct, "--json").out)
    assert [s["kind"] for study in told["studies"] for s in study["series"]] == ["stack"]
    ended = medview("convert", ct, out)
    assert ended.code == 4
    assert "stack of slices" in ended.err
    assert not out.exists()


def test_a_time_point_that_is_not_there_ends_with_2(medview, ct, tmp_path):
    ended = medview("convert", ct, tmp_path / "o.nrrd", "--time", "1")
    assert ended.code == 2
    assert "time point 1" in ended.err


def test_a_volume_with_slanted_axes_is_not_converted_and_ends_with_3(medview, tmp_path):
    affine = np.diag([1.0, 1.0, 2.0, 1.0])
    affine[1, 2] = 0.8
    image = nibabel.nifti1.Nifti1Image(np.zeros((20, 16, 12), np.int16), affine)
    image.set_sform(affine, 1)
    nibabel.save(image, tmp_path / "slanted.nii")
    ended = medview("convert", tmp_path / "slanted.nii", tmp_path / "out.nii.gz")
    assert ended.code == 3
    assert "right angles" in ended.err
    assert not (tmp_path / "out.nii.gz").exists()


@pytest.mark.parametrize("command", [("info",), ("convert", "out.nii"), ()])
def test_a_name_that_no_system_can_open_ends_with_2(medview, tmp_path, command):
    name, *rest = command or ("",)
    args = [name] * bool(name) + [tmp_path / ("x" * 400), *rest]
    ended = medview(*args)
    assert ended.code == 2
    assert "no file or folder" in ended.err


def test_an_output_name_that_no_system_can_make_ends_with_2(medview, ct, tmp_path):
    ended = medview("convert", ct, tmp_path / f"{'x' * 400}.nii")
    assert ended.code == 2
    assert "cannot be written" in ended.err


def test_models_lists_every_model_with_its_state(medview, site):
    module = site.add(GOOD_RUN)
    site.add("raise ImportError('no')", head=False, model="bad", distribution="fake-bad")
    site.add_metadata("fake-new", "2", {"medview.model.v9": {"new": module}})
    ended = medview("models", "--json")
    assert ended.code == 0
    told = json.loads(ended.out)
    assert told["schema"] == "medview.models/1"
    rows = {row["id"]: row for row in told["models"]}
    assert {name: row["state"] for name, row in rows.items()} == {
        "bright": "ready",
        "bad": "broken",
        "new": "incompatible",
    }
    assert rows["bright"]["title"] == "Bright voxels"
    assert rows["bright"]["input"]["modalities"] == ["CT"]
    assert rows["bad"]["input"] is None
    assert "newer medview" in rows["new"]["reason"]


def test_models_tells_people_the_reason(medview, site):
    site.add("raise ImportError('no such library')", head=False)
    assert "no such library" in medview("models").out


def test_the_environment_can_leave_models_out(medview, site, monkeypatch):
    site.add(GOOD_RUN)
    monkeypatch.setenv("MEDVIEW_MODELS", "another")
    assert json.loads(medview("models", "--json").out)["models"][0]["state"] == "disabled"
    monkeypatch.setenv("MEDVIEW_MODELS", "another, bright")
    assert json.loads(medview("models", "--json").out)["models"][0]["state"] == "ready"


def test_the_settings_can_switch_models_off(site, capsys, monkeypatch, medview_home):
    from medview.app.cli import main
    from medview.app.cli.environment import Environment
    from medview.config.schema import ModelSettings, Settings
    from medview.config.store import save_settings

    site.add(GOOD_RUN, model="lung-segmentation", distribution="medview-lung-segmentation")
    folders = Environment().folders
    save_settings(folders.settings_file, Settings(models=ModelSettings(("lung-segmentation",))))
    assert main(["models", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["models"]
    assert {r["state"] for r in rows if r["id"] == "lung-segmentation"} == {"disabled"}


def test_sample_does_not_touch_a_folder_that_holds_something(medview, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "mine").touch()
    ended = medview("sample", folder)
    assert ended.code == 2
    assert [p.name for p in folder.iterdir()] == ["mine"]
    assert "--overwrite" not in ended.err
