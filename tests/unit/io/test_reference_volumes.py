"""Real series agree with their reference affine and voxels, whatever the reference's axis order."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pydicom
import pytest

from medview.core.data.stack import Stack
from medview.core.data.volume import Volume
from medview.core.geometry.grid import same_sampling
from medview.core.geometry.orient import canonical_order
from medview.io.load import load
from medview.io.scan import SeriesEntry, scan

SERIES = (
    "ge/anatomical/001",
    "generic/anatomical/001",
    "generic/anatomical/002_non_isotropic",
    "generic/compressed_j2k/001",
    "generic/compressed_jpeg/001",
    "generic/compressed_jpegls/001",
    "generic/compressed_rle/001",
    "hitachi/anatomical/001",
    "philips/anatomical/001",
    "philips_enhanced/anatomical/001",
    "siemens/anatomical/001",
    "failing/slicecount/001",
)


def only(path: Path, kind: str = "volume") -> SeriesEntry:
    entries = [e for e in scan([path]).entries if e.series.kind == kind]
    assert len(entries) == 1
    return entries[0]


def open_volume(path: Path, time: int = 0) -> Volume:
    volume = load(only(path), time=time)
    assert isinstance(volume, Volume)
    return volume


def assert_same_voxels(volume: Volume, reference: Volume, tolerance: float = 1e-3) -> None:
    """Equal values at equal places, after both were brought into one axis order."""
    a = volume.reordered(canonical_order(volume.grid))
    b = reference.reordered(canonical_order(reference.grid))
    assert same_sampling(a.grid, b.grid, 0.02)
    np.testing.assert_allclose(a.array, b.array, rtol=1e-5, atol=tolerance)


@pytest.mark.parametrize("name", SERIES)
def test_a_series_agrees_with_its_reference_nifti(data_dir: Path, name: str) -> None:
    folder = data_dir / "series_with_reference_nifti"
    volume = open_volume(folder / name)
    reference = open_volume(folder / f"{name}_ground_truth.nii.gz")
    assert_same_voxels(volume, reference)
    assert not volume.info.marks


def test_a_time_series_of_plain_slices_agrees_time_point_by_time_point(data_dir: Path) -> None:
    folder = data_dir / "series_with_reference_nifti" / "siemens" / "fmri_classic"
    assert only(folder / "001").series.times == 2
    reference = folder / "001_ground_truth.nii.gz"
    for time in (0, 1):
        assert_same_voxels(open_volume(folder / "001", time), open_volume(reference, time))


def test_a_siemens_mosaic_agrees_tile_by_tile(data_dir: Path) -> None:
    folder = data_dir / "mr_siemens_mosaic"
    found = scan([folder])
    mosaic = next(e for e in found.entries if e.series.modality == "MR")
    reference = next(e for e in found.entries if e.series.modality is None)
    assert (mosaic.series.shape, mosaic.series.times) == ((5, 72, 72), 2)
    for time in (0, 1):
        ours, theirs = load(mosaic, time=time), load(reference, time=time)
        assert isinstance(ours, Volume)
        assert isinstance(theirs, Volume)
        assert_same_voxels(ours, theirs)


def test_colour_slices_keep_the_colours_of_the_reference(data_dir: Path) -> None:
    folder = data_dir / "series_with_reference_nifti" / "generic" / "rgb"
    ours = load(only(folder / "001", "stack"))
    theirs = load(only(folder / "001_ground_truth.nii.gz", "stack"))
    assert isinstance(ours, Stack)
    assert isinstance(theirs, Stack)
    # The reference runs from the last row to the first.
    for a, b in zip(ours.slices, theirs.slices, strict=True):
        flips = [b, b[::-1], b[:, ::-1], b[::-1, ::-1]]
        assert any(np.array_equal(a, flipped) for flipped in flips)


def test_the_low_resolution_chest_is_the_same_as_dicom_and_as_nrrd(data_dir: Path) -> None:
    folder = data_dir / "chest_ct_lowres_lungmask"
    dicom, nrrd = open_volume(folder / "ct-64Dicom"), open_volume(folder / "ct-64.nrrd")
    assert same_sampling(dicom.grid, nrrd.grid, 0.01)
    np.testing.assert_array_equal(dicom.array, nrrd.array)
    assert dicom.intensity.is_hounsfield
    assert not nrrd.intensity.is_hounsfield


def test_a_mask_in_another_axis_order_covers_the_same_places(data_dir: Path) -> None:
    folder = data_dir / "abdomen_ct_multiorgan"
    ct = open_volume(folder / "example_ct_dicom")
    mask = open_volume(folder / "example_seg_dicom.nii.gz")
    a = canonical_order(ct.grid).apply_to_grid(ct.grid)
    b = canonical_order(mask.grid).apply_to_grid(mask.grid)
    assert same_sampling(a, b, 0.02)
    values = ct.reordered(canonical_order(ct.grid)).array
    labels = mask.reordered(canonical_order(mask.grid)).array
    # 5 is the liver: soft tissue, on the right.
    liver = labels == 5
    if liver.sum() > 1000:
        assert 0 < values[liver].mean() < 200


def test_the_tumour_boxes_of_the_radiologist_hold_more_tissue_than_the_other_side(
    data_dir: Path,
) -> None:
    folder = data_dir / "chest_ct_siemens_8mm"
    boxes = json.loads((folder / "expected_tumour_boxes.json").read_text())
    volume = open_volume(folder / "b40f")
    for box in boxes["series"]["b40f"]["boxes"]:
        k = box["slice_index_by_z"]
        assert volume.grid.to_lps((k, 0, 0))[2] == pytest.approx(box["z_mm"])
        rows = slice(int(box["ymin"]), int(box["ymax"]))
        inside = volume.array[k, rows, int(box["xmin"]) : int(box["xmax"])]
        mirrored = volume.array[k, rows, 512 - int(box["xmax"]) : 512 - int(box["xmin"])]
        # The tumour is on the right; at the same height on the left there is more air.
        assert (inside > -100).mean() > (mirrored > -100).mean() + 0.1


def test_two_reconstructions_of_one_scan_are_never_merged(data_dir: Path) -> None:
    found = scan([data_dir / "chest_ct_siemens_8mm"])
    assert [(e.series.kind, e.series.shape) for e in found.entries] == [
        ("volume", (30, 512, 512))
    ] * 2
    kernels = {e.series.attribute("kernel") for e in found.entries}
    assert kernels == {"B40f", "B70f"}
    assert len(found.studies) == 1


def test_the_tilted_head_is_upright_and_keeps_its_height(data_dir: Path) -> None:
    volume = open_volume(data_dir / "head_ct_gantry_tilt_ge")
    assert {m.code for m in volume.info.marks} == {
        "uneven-spacing-resampled",
        "gantry-tilt-corrected",
    }
    directions = volume.grid.directions
    np.testing.assert_allclose(directions.T @ directions, np.eye(3), atol=1e-9)
    # Positions run over 151.94 mm of the table's axis, that is 151.94 cos(18.5) along the normal.
    height = (volume.grid.shape[0] - 1) * volume.spacing_mm[0]
    assert height == pytest.approx(151.94 * np.cos(np.deg2rad(18.5)), abs=2.0)
    # The first slice is not interpolated: its pixels lie where its own header says.
    dataset = pydicom.dcmread(data_dir / "head_ct_gantry_tilt_ge" / "dicom" / "01.dcm")
    k, j, i = np.rint(volume.grid.to_index(dataset.ImagePositionPatient)).astype(int)
    np.testing.assert_array_equal(volume.array[k, j : j + 512, i : i + 512], dataset.pixel_array)


@pytest.mark.parametrize(
    ("name", "kinds", "codes"),
    [
        ("gantrytilting", ["volume"], {"gantry-tilt-corrected"}),
        ("notavolume", ["stack"], {"single-position"}),
        ("sliceorientation", ["volume", "volume"], set()),
    ],
)
def test_series_that_are_no_regular_volume_say_so(
    data_dir: Path, name: str, kinds: list[str], codes: set[str]
) -> None:
    found = scan([data_dir / "series_with_reference_nifti" / "failing" / name])
    assert [e.series.kind for e in found.entries] == kinds
    marks = {m.code for e in found.entries for m in e.series.repairs + e.series.warnings}
    assert marks == codes


def test_a_zipped_brain_opens_without_unpacking(data_dir: Path) -> None:
    volume = open_volume(data_dir / "mr_brain_t1.zip")
    assert volume.grid.shape == (384, 384, 274)
    assert sorted(round(s, 2) for s in volume.spacing_mm) == [0.67, 0.67, 0.7]
    assert not volume.info.marks
