"""`medview run`: from a folder to a findings folder, or to a sentence and nothing written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk

from medview.app.controllers.models import open_catalogue
from medview.app.controllers.open_source import choose_image_series, load_source, scan_paths
from medview.app.controllers.run_model import submit_run
from medview.app.controllers.save_findings import save_findings
from medview.jobs.runner import Runner
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from tests.fake_models import GOOD_RUN

CHECKOUT = Path(__file__).resolve().parents[3]


def hook(body: str) -> str:
    return f"@hookimpl\ndef run(source, ctx):\n    {body}\n"


def leftovers(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir() if p.name.startswith(".") or "tmp" in p.name]


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "results" / "findings"


def test_run_writes_a_mask_on_the_grid_of_the_source(medview, site, ct, out, ct_volume):
    site.add(GOOD_RUN)
    ended = medview("run", "bright", ct, "-o", out)
    assert ended.code == 0, ended.err
    assert ended.out == "Bright\n  bright: 0.6 ml\n"
    told = json.loads((out / "findings.json").read_text("utf-8"))
    (mask,) = told["findings"]
    assert mask["type"] == "labelmap"
    assert mask["labels"][0]["volume_ml"] == pytest.approx(120 * 2.5 * 1.5 * 1.25 / 1000)
    image = sitk.ReadImage(str(out / mask["file"]))
    assert np.array_equal(sitk.GetArrayFromImage(image), ct_volume.array > 0)
    assert image.GetOrigin() == pytest.approx((-30, -20, 100))
    assert told["provenance"]["model"]["id"] == "bright"
    assert told["provenance"]["device"] == "cpu"
    assert leftovers(out.parent) == []


def test_json_prints_findings_json_and_nothing_else(medview, site, ct, out):
    site.add(
        "print('noise at import')\n" + GOOD_RUN.replace("ctx.progress", "print(1);ctx.progress")
    )
    ended = medview("run", "bright", ct, "-o", out, "--json")
    assert json.loads(ended.out) == json.loads((out / "findings.json").read_text("utf-8"))
    assert "noise at import" in ended.err


def test_parameters_are_set_by_name(medview, site, ct, out):
    site.add(GOOD_RUN)
    assert medview("run", "bright", ct, "-o", out, "--set", "above=500").code == 0
    told = json.loads((out / "findings.json").read_text("utf-8"))
    assert told["provenance"]["parameters"] == {"above": 500.0}
    assert told["findings"][0]["labels"][0]["volume_ml"] == 0


@pytest.mark.parametrize("setting", ["above", "=1", "below=1", "above=wide", "above=9999"])
def test_a_wrong_parameter_ends_with_2(medview, site, ct, out, setting):
    site.add(GOOD_RUN)
    ended = medview("run", "bright", ct, "-o", out, "--set", setting)
    assert ended.code == 2
    assert not out.exists()


def test_two_runs_write_the_same_findings(medview, site, ct, tmp_path):
    site.add(GOOD_RUN)
    for name in ("a", "b"):
        assert medview("run", "bright", ct, "-o", tmp_path / name).code == 0
    first, second = (tmp_path / n for n in "ab")
    one, two = (json.loads((f / "findings.json").read_text("utf-8")) for f in (first, second))
    assert one["findings"] == two["findings"]
    for file in (item["file"] for item in one["findings"]):
        assert (first / file).read_bytes() == (second / file).read_bytes()


def test_a_run_of_the_window_and_of_the_command_line_write_equal_folders(
    medview, site, ct, tmp_path
):
    site.add(GOOD_RUN)
    assert medview("run", "bright", ct, "-o", tmp_path / "a", "--set", "above=50").code == 0
    entry = choose_image_series(scan_paths([ct]))
    catalogue = open_catalogue({}, allow=frozenset({"fake-bright"}), installed=site.installed)
    runner = Runner()
    try:
        job = submit_run(
            runner,
            catalogue.handle("bright"),
            load_source(entry),
            weights_folder=tmp_path / "weights",
            values={"above": 50.0},
        )
        save_findings(job.future.result(30), tmp_path / "b")
    finally:
        runner.shutdown()
    one, two = (json.loads((tmp_path / n / "findings.json").read_text("utf-8")) for n in "ab")
    for told in (one, two):
        for name in ("started", "duration_s", "warnings"):
            del told["provenance"][name]
    assert one == two
    for file in (item["file"] for item in one["findings"]):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_folder_that_holds_something_is_replaced_only_when_told(medview, site, ct, out):
    site.add(GOOD_RUN)
    out.mkdir(parents=True)
    (out / "mine.txt").touch()
    ended = medview("run", "bright", ct, "-o", out)
    assert ended.code == 2
    assert "--overwrite" in ended.err
    assert [p.name for p in out.iterdir()] == ["mine.txt"]
    assert medview("run", "bright", ct, "-o", out, "--overwrite").code == 0
    assert not (out / "mine.txt").exists()


def test_an_empty_folder_is_taken(medview, site, ct, out):
    site.add(GOOD_RUN)
    out.mkdir(parents=True)
    assert medview("run", "bright", ct, "-o", out).code == 0


def test_overwrite_never_replaces_the_folder_of_the_source(medview, site, ct):
    site.add(GOOD_RUN)
    for folder in (ct, ct.parent):
        ended = medview("run", "bright", ct, "-o", folder, "--overwrite")
        assert ended.code == 2
        assert "holds the source" in ended.err
    assert len(list(ct.iterdir())) == 12


def test_an_unknown_model_ends_with_2(medview, site, ct, out):
    site.add(GOOD_RUN)
    ended = medview("run", "brigth", ct, "-o", out)
    assert ended.code == 2
    assert "Did you mean 'bright'" in ended.err


def test_a_device_that_is_not_here_ends_with_2(medview, site, ct, out):
    site.add(GOOD_RUN)
    assert medview("run", "bright", ct, "-o", out, "--device", "cuda:17").code == 2
    assert medview("run", "bright", ct, "-o", out, "--device", "abacus").code == 2


def test_mr_given_to_a_ct_model_ends_with_4(medview, site, tmp_path, out, ct_volume):
    site.add(GOOD_RUN)
    header = SeriesHeader(seed="mr", modality="MR")
    write_dicom_series(
        np.clip(ct_volume.array, 0, None), tmp_path / "mr", grid=ct_volume.grid, header=header
    )
    ended = medview("run", "bright", tmp_path / "mr", "-o", out)
    assert ended.code == 4
    assert "It needs CT, and this is MR" in ended.err
    assert not out.exists()


def test_a_stack_is_given_to_no_model_and_the_reason_is_told(medview, site, ct, out):
    site.add(GOOD_RUN)
    for path in sorted(ct.iterdir())[3:10]:
        path.unlink()
    ended = medview("run", "bright", ct, "-o", out)
    assert ended.code == 4
    assert "gap of" in ended.err
    assert not out.exists()


def test_only_the_series_that_fits_is_taken(medview, site, ct, out, ct_volume):
    site.add(GOOD_RUN)
    header = SeriesHeader(seed="mr", modality="MR")
    write_dicom_series(ct_volume.array + 1000, ct / "mr", grid=ct_volume.grid, header=header)
    assert medview("run", "bright", ct, "-o", out).code == 0
    told = json.loads((out / "findings.json").read_text("utf-8"))
    assert told["provenance"]["source"]["modality"] == "CT"


def test_of_several_series_the_one_that_has_the_time_point_is_taken(medview, site, tmp_path, out):
    site.add(GOOD_RUN)
    folder = tmp_path / "both"
    folder.mkdir()
    one = np.arange(12 * 16 * 20, dtype=np.int16).reshape(20, 16, 12)
    affine = np.diag([-2.0, -2.0, 2.0, 1.0])
    nibabel.save(nibabel.nifti1.Nifti1Image(one, affine), folder / "still.nii")
    times = np.stack([one, one + 7], axis=-1)
    nibabel.save(nibabel.nifti1.Nifti1Image(times, affine), folder / "moving.nii")
    said = ("--intensity", "hounsfield", "--time")

    assert medview("run", "bright", folder, "-o", out, *said, "1").code == 0
    told = json.loads((out / "findings.json").read_text("utf-8"))
    assert told["provenance"]["source"]["time"] == 1

    ended = medview("run", "bright", folder, "-o", tmp_path / "none", *said, "2")
    assert ended.code == 2
    assert "this series has 2" in ended.err


def test_json_is_ascii_so_that_no_console_spoils_it(medview, site, ct, out):
    site.add(GOOD_RUN.replace('"Bright"', '"Hell \u2067\u00fc\u2265"'))
    ended = medview("run", "bright", ct, "-o", out, "--json")
    assert ended.out.isascii()
    assert json.loads(ended.out) == json.loads((out / "findings.json").read_text("utf-8"))
    assert "\u2265" in json.loads(ended.out)["findings"][0]["name"]


def test_several_series_that_fit_end_with_2_and_their_list(medview, site, ct, out, ct_volume):
    site.add(GOOD_RUN)
    header = SeriesHeader(seed="two", series_description="Sharp kernel")
    write_dicom_series(ct_volume, ct / "two", header=header)
    ended = medview("run", "bright", ct, "-o", out)
    assert ended.code == 2
    assert "Sharp kernel" in ended.err
    uid = next(line for line in ended.err.splitlines() if "Sharp" in line).split()[0]
    assert medview("run", "bright", ct, "-o", out, "--series", uid).code == 0
    told = json.loads((out / "findings.json").read_text("utf-8"))
    assert told["provenance"]["source"]["series_uid"] == uid


def test_a_file_without_modality_runs_with_the_doubt_in_words(medview, site, ct, tmp_path, out):
    site.add(GOOD_RUN)
    file = tmp_path / "ct.nrrd"
    assert medview("convert", ct, file).code == 0
    ended = medview("run", "bright", file, "-o", out)
    assert ended.code == 0
    assert "Doubtful: It needs CT" in ended.err
    told = json.loads((out / "findings.json").read_text("utf-8"))
    assert [w["code"] for w in told["provenance"]["warnings"]] == ["doubtful"]


def test_the_user_can_say_what_the_values_mean(medview, site, ct, tmp_path, out):
    site.add(GOOD_RUN + "\nCARD['input'] = InputSpec('volume', intensity=Intensity.HOUNSFIELD)\n")
    file = tmp_path / "ct.nrrd"
    medview("convert", ct, file)
    ended = medview("run", "bright", file, "-o", out, "--intensity", "hounsfield")
    assert ended.code == 0
    assert "Doubtful" not in ended.err


@pytest.mark.parametrize(
    ("body", "code", "told"),
    [
        ("raise ValueError('no lungs')", 5, "Bright voxels failed. ValueError: no lungs"),
        ("raise SystemExit(0)", 5, "end the whole program"),
        ("return None", 5, "not Findings"),
        ("raise MemoryError", 5, "There is not enough memory for this run"),
        ("raise UnfitError('Nothing to see.')", 4, "Nothing to see."),
        ("ctx.weights('net.bin')", 6, "declares no weights"),
    ],
)
def test_a_model_that_fails_writes_nothing(medview, site, ct, out, body, code, told):
    site.add(hook(body))
    ended = medview("run", "bright", ct, "-o", out)
    assert ended.code == code
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert not out.exists()
    assert not out.parent.exists() or leftovers(out.parent) == []


def test_a_broken_model_ends_with_5_and_a_disabled_one_with_4(medview, site, ct, out, monkeypatch):
    site.add("raise ImportError('no such library')", head=False)
    ended = medview("run", "bright", ct, "-o", out)
    assert ended.code == 5
    assert "no such library" in ended.err
    monkeypatch.setenv("MEDVIEW_MODELS", "")
    assert medview("run", "bright", ct, "-o", out).code == 4


@pytest.mark.parametrize("body", ["raise ValueError('no')", "return None"])
@pytest.mark.parametrize("named", [True, False])
def test_a_model_that_cannot_judge_is_at_fault_itself_not_the_series(
    medview, site, ct, out, body, named
):
    site.add(hook("return Findings()") + f"\n@hookimpl\ndef applicable(source):\n    {body}\n")
    (series,) = json.loads(medview("info", ct, "--json").out)["studies"][0]["series"]
    ended = medview("run", "bright", ct, "-o", out, *(["--series", series["uid"]] if named else []))
    assert ended.code == 5
    assert "The model 'bright'" in ended.err
    assert not out.exists()


def test_an_error_ends_with_the_command_that_helps(medview, site, ct, out, monkeypatch):
    site.add(hook("raise ValueError('no lungs')"))
    assert "medview plugins doctor bright" in medview("run", "bright", ct, "-o", out).err
    assert medview("plugins", "disable", "bright").code == 0
    assert "medview plugins enable bright" in medview("run", "bright", ct, "-o", out).err
    monkeypatch.setenv("MEDVIEW_MODELS", "another")
    assert medview("plugins", "enable", "bright").code == 0
    ended = medview("run", "bright", ct, "-o", out)
    assert ended.code == 4
    assert "plugins enable" not in ended.err


def test_required_weights_that_are_missing_end_with_6_before_anything_runs(medview, site, ct, out):
    declared = f"WeightsFile('net.bin', '{'ab' * 32}', 'MIT', 1)"
    site.add(f"CARD['weights'] = ({declared},)\n" + hook("raise RuntimeError('ran')"))
    ended = medview("run", "bright", ct, "-o", out)
    assert ended.code == 6
    assert "net.bin" in ended.err


def test_warnings_of_the_model_are_told_and_kept(medview, site, ct, out):
    site.add(hook("ctx.warn('cut', 'The field of view is cut.'); return Findings()"))
    ended = medview("run", "bright", ct, "-o", out)
    assert "The field of view is cut." in ended.err
    told = json.loads((out / "findings.json").read_text("utf-8"))
    assert told["provenance"]["warnings"] == [
        {"code": "cut", "message": "The field of view is cut."}
    ]


def test_a_text_file_and_an_empty_folder_end_with_3(medview, site, tmp_path, out):
    site.add(GOOD_RUN)
    (tmp_path / "note.txt").write_text("hello", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    assert medview("run", "bright", tmp_path / "note.txt", "-o", out).code == 3
    assert medview("run", "bright", tmp_path / "empty", "-o", out).code == 3
    assert medview("run", "bright", tmp_path / "gone", "-o", out).code == 2
    assert not out.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals as POSIX does")
@pytest.mark.parametrize(
    "body",
    [
        "while True:\n        ctx.progress(0.1, 'Waiting')\n        time.sleep(0.01)",
        "time.sleep(600)",
    ],
    ids=["one that reports progress", "one that is deaf to it"],
)
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl+C", "SIGTERM"])
def test_an_interrupt_cancels_the_run_and_leaves_nothing(site, ct, out, tmp_path, body, sent):
    started = tmp_path / "started"
    site.add(
        hook(f"open({str(started)!r}, 'w').close()\n    import time\n    {body}"),
        model="lung-segmentation",
        distribution="medview-lung-segmentation",
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site.folder), str(CHECKOUT)])}
    process = subprocess.Popen(
        [sys.executable, "-m", "medview", "run", "lung-segmentation", str(ct), "-o", str(out)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not started.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(sent)
        said, complaint = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130, complaint
    assert said == ""
    assert complaint.strip() == "Cancelled."
    assert not out.exists()
    assert not out.parent.exists() or leftovers(out.parent) == []
