"""``info`` tells the truth about every folder of the real test data."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medview.io.collect import UNFORESEEN
from medview.io.info import info_document
from medview.io.scan import scan

SYNTAX = "1.2.840.10008.1.2"
FAILING = "series_with_reference_nifti/failing/"


def document(path: Path) -> dict[str, Any]:
    """The document as it is after a round trip through JSON."""
    return json.loads(json.dumps(info_document(scan([path])), allow_nan=False))


def series(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [s for study in found["studies"] for s in study["series"]]


FOLDERS = (
    "abdomen_ct_multiorgan",
    "chest_ct_lowres_lungmask",
    "chest_ct_siemens_8mm",
    "chest_ct_slices_tcga",
    "chest_ct_train",
    "chest_ct_two_slices",
    "dicom_charsets",
    "dicom_malformed",
    "dicom_seg_rt_sr",
    "dicom_transfer_syntaxes",
    "dicomdir",
    "fundus_idrid_train",
    "fundus_unlabelled_and_normal",
    "head_ct_gantry_tilt_ge",
    "lung_nodule_patches_luna16",
    "mr_brain_t1.zip",
    "mr_siemens_mosaic",
    "nifti_basic",
    "series_with_reference_nifti",
    "wsi_cmu1_small_region",
)


def test_no_folder_of_the_data_is_left_out(data_dir: Path) -> None:
    there = {p.name for p in data_dir.iterdir()} - {"README.md"}
    assert there == set(FOLDERS)


def files_at(path: Path) -> int:
    """How many files lie at or below a path, those in archives included."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return sum(not entry.is_dir() for entry in archive.infolist())
    return 1 if path.is_file() else sum(map(files_at, path.iterdir()))


@pytest.mark.parametrize("name", FOLDERS)
def test_every_file_is_counted_once_and_every_uid_is_unique(data_dir: Path, name: str) -> None:
    found = document(data_dir / name)
    entries = series(found)
    # Parts of one multi-frame or shared file may count it more than once; none here does.
    assert sum(s["files"] for s in entries) + len(found["skipped"]) == files_at(data_dir / name)
    uids = [s["uid"] for s in entries]
    assert len(uids) == len(set(uids))
    for skipped in found["skipped"]:
        assert skipped["code"] != UNFORESEEN
        assert skipped["message"].endswith(".")
        assert Path(skipped["path"]).name in skipped["message"]
    for one in entries:
        if one["kind"] == "volume":
            assert np.linalg.det(np.array(one["index_to_lps"])) != 0
            assert min(one["shape"]) > 0


@pytest.mark.parametrize(
    ("name", "kind", "marks"),
    [
        ("head_ct_gantry_tilt_ge/dicom", "volume", {"gantry-tilt-corrected"}),
        (FAILING + "gantrytilting", "volume", {"gantry-tilt-corrected"}),
        (FAILING + "notavolume", "stack", {"single-position"}),
        ("series_with_reference_nifti/generic/compressed_jpeg/001", "volume", set()),
        ("dicom_transfer_syntaxes/JPGExtended.dcm", "image", {"lossy-compression"}),
        ("dicom_transfer_syntaxes/JPEG2000.dcm", "image", {"lossy-compression"}),
        ("dicom_transfer_syntaxes/MR_small_jp2klossless.dcm", "image", set()),
    ],
)
def test_repairs_and_doubts_stand_in_the_document(
    data_dir: Path, name: str, kind: str, marks: set[str]
) -> None:
    (found,) = series(document(data_dir / name))
    assert found["kind"] == kind
    told = {n["code"] for n in found["repairs"] + found["warnings"]}
    assert marks <= told if marks else not told
    for notice in found["repairs"] + found["warnings"]:
        assert notice["message"].endswith(".")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("chest_ct_siemens_8mm/b40f", ("CT", "volume", [30, 512, 512], [8.0, 0.6465, 0.6465])),
        ("chest_ct_lowres_lungmask/ct-64Dicom", ("CT", "volume", [79, 64, 64], [3.987, 4.172])),
        ("chest_ct_two_slices", ("CT", "volume", [2, 512, 512], [1.0, 0.625, 0.625])),
        ("abdomen_ct_multiorgan/example_ct_dicom", ("CT", "volume", [20, 512, 512], [2.0])),
        ("dicom_seg_rt_sr/dcmqi_ct_3slice/ct", ("CT", "volume", [3, 512, 512], [1.0, 0.8105])),
        ("chest_ct_train/lidc_0002_slab", ("CT", "volume", [12, 512, 512], [1.25, 0.6816])),
        ("chest_ct_train/lidc_0003_slab", ("CT", "volume", [11, 512, 512], [2.5, 0.8203])),
        ("chest_ct_train/cmb_crc_01068.zip", ("CT", "volume", [100, 512, 512], [2.5, 0.8984])),
        ("chest_ct_train/acrin_flt_breast_013.zip", ("CT", "volume", [49, 512, 512], [4.0])),
    ],
)
def test_volumes_have_their_known_geometry(
    data_dir: Path, name: str, expected: tuple[str, str, list[int], list[float]]
) -> None:
    modality, kind, shape, spacing = expected
    (found,) = series(document(data_dir / name))
    assert (found["modality"], found["kind"], found["shape"]) == (modality, kind, shape)
    assert found["spacing_mm"][: len(spacing)] == pytest.approx(spacing, abs=1e-3)
    assert found["orientation"] == "axial"
    assert found["intensity"] == "hounsfield"
    assert found["index_to_lps"][3] == [0, 0, 0, 1]
    assert found["repairs"] == []


def test_the_origin_is_the_centre_of_the_first_voxel(data_dir: Path) -> None:
    (found,) = series(document(data_dir / "chest_ct_siemens_8mm" / "b40f"))
    assert found["origin_lps_mm"] == pytest.approx([-173.18, -294.18, 80.0], abs=0.01)
    assert [row[3] for row in found["index_to_lps"][:3]] == found["origin_lps_mm"]
    assert found["transfer_syntax"] == f"{SYNTAX}.1"
    assert (found["files"], found["frames"], found["times"]) == (30, 30, 1)


def test_names_show_in_their_own_script(data_dir: Path) -> None:
    folder = data_dir / "dicom_charsets"
    expected = {
        "chrArab.dcm": "قباني^لنزار",
        "chrFren.dcm": "Buc^Jérôme",
        "chrFrenMulti.dcm": "Buc^Jérôme",
        "chrGerm.dcm": "Äneas^Rüdiger",
        "chrGreek.dcm": "Διονυσιος",
        "chrH31.dcm": "Yamada^Tarou=山田^太郎=やまだ^たろう",
        "chrH32.dcm": "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
        "chrHbrw.dcm": "שרון^דבורה",
        "chrI2.dcm": "Hong^Gildong=洪^吉洞=홍^길동",
        "chrKoreanMulti.dcm": "김희중",
        "chrRuss.dcm": "Люкceмбypг",
        "chrX1.dcm": "Wang^XiaoDong=王^小東",
        "chrX2.dcm": "Wang^XiaoDong=王^小东",
    }
    for name, person in expected.items():
        (study,) = document(folder / name)["studies"]
        assert study["patient"]["name"] == person, name
    for name in ("chrJapMulti.dcm", "chrJapMultiExplicitIR6.dcm"):
        (study,) = document(folder / name)["studies"]
        assert study["patient"]["name"] == "やまだ^たろう", name


def test_documents_are_listed_and_never_volumes(data_dir: Path) -> None:
    folder = data_dir / "dicom_seg_rt_sr"
    with (folder / "EXPECTED.csv").open(newline="") as file:
        modality = {r["file"]: r["modality"] for r in csv.DictReader(file)}
    for name, kind in modality.items():
        (found,) = series(document(folder / name))
        if kind in ("SEG", "SR", "RTPLAN", "RTSTRUCT", "ANN"):
            assert found["kind"] == "document", name
            assert found["shape"] is None
        elif kind == "SM":
            assert found["kind"] == "slide", name
        else:
            assert found["kind"] == "image", name


def test_slides_have_levels_and_resolution(data_dir: Path) -> None:
    folder = data_dir / "wsi_cmu1_small_region"
    found = series(document(folder))
    assert [s["kind"] for s in found] == ["slide", "slide"]
    for slide in found:
        assert slide["shape"] is None
        first = slide["levels"][0]
        assert (first["width"], first["height"], first["downsample"]) == (2220, 2967, 1.0)
        assert slide["mpp"] == pytest.approx([0.499, 0.499], abs=1e-3)
    pyramid = next(s for s in found if s["modality"] == "SM")
    assert [(v["width"], v["height"]) for v in pyramid["levels"][:4]] == [
        (2220, 2967),
        (1110, 1483),
        (555, 741),
        (277, 370),
    ]
    assert pyramid["files"] == 12
    assert pyramid["warnings"][0]["code"] == "lossy-compression"


def test_moving_images_count_their_frames(data_dir: Path) -> None:
    folder = data_dir / "dicom_transfer_syntaxes"
    (clip,) = series(document(folder / "examples_ybr_color.dcm"))
    assert (clip["kind"], clip["times"], clip["frames"]) == ("image", 30, 30)
    assert clip["shape"] == [240, 320]
    assert clip["spacing_mm"] is None
    assert clip["intensity"] == "rgb"


def test_an_enhanced_object_is_a_volume_by_its_frames(data_dir: Path) -> None:
    (found,) = series(
        document(
            data_dir / "series_with_reference_nifti" / "philips_enhanced" / "anatomical" / "001"
        )
    )
    assert (found["kind"], found["shape"]) == ("volume", [8, 256, 256])
    assert (found["files"], found["frames"], found["orientation"]) == (1, 8, "sagittal")


@pytest.mark.parametrize(
    "name", ["", "-bigEnd", "-implicit", "-nooffset", "-nopatient", "-reordered"]
)
def test_every_variant_of_the_directory_leads_to_the_same_images(data_dir: Path, name: str) -> None:
    found = document(data_dir / "dicomdir" / f"DICOMDIR{name}")
    whole = document(data_dir / "dicomdir")
    names = {study["patient"]["id"] for study in found["studies"]}
    assert names == {"77654033", "98890234"} or names == {
        s["patient"]["id"] for s in whole["studies"]
    }
    assert {s["uid"] for s in series(found)} == {s["uid"] for s in series(whole)}
    assert [s["code"] for s in found["skipped"]] == ["directory"]


def test_an_empty_directory_file_names_nothing(data_dir: Path) -> None:
    found = document(data_dir / "dicomdir" / "DICOMDIR-empty.dcm")
    assert found["studies"] == []
    assert len(found["skipped"]) == 1


def test_files_that_are_not_dicom_have_no_modality_and_a_uid_of_their_content(
    data_dir: Path,
) -> None:
    found = document(data_dir / "fundus_unlabelled_and_normal" / "normal_right_eye_600.jpg")
    assert found["studies"][0]["uid"] is None
    (image,) = series(found)
    assert image["modality"] is None
    assert image["uid"].startswith("file:")
    assert (image["kind"], image["shape"], image["intensity"]) == ("image", [600, 600], "rgb")


def test_a_nifti_2_file_opens(data_dir: Path) -> None:
    (found,) = series(document(data_dir / "nifti_basic" / "example_nifti2.nii.gz"))
    assert (found["kind"], found["shape"], found["times"]) == ("volume", [12, 20, 32], 2)
    assert found["intensity"] == "arbitrary"
