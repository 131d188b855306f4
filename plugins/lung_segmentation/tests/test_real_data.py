"""On real CT the lungs agree with the masks that come with the data."""

from __future__ import annotations

import json
from pathlib import Path

import medview_lung_segmentation as plugin
import numpy as np
import pytest
from numpy.typing import NDArray

from medview.core.data.intensity import Intensity
from medview.core.data.volume import Volume
from medview.core.geometry.resample import resample
from medview.testing.reading import read_volume
from plugins.lung_segmentation.tests.lungs import LEFT, RIGHT, Outcome, dice, run


def read_mask(
    path: Path, volume: Volume, values: tuple[int, ...] | None = None
) -> NDArray[np.bool_]:
    """A reference mask on the grid of `volume`: files may keep another axis order."""
    mask = read_volume(path, intensity=Intensity.LABELS)
    inside = np.greater(mask.array, 0) if values is None else np.isin(mask.array, values)
    # Masks name no frame of reference; these files belong together by their place.
    moved = resample(
        inside.astype(np.uint8),
        mask.grid,
        volume.grid,
        interpolation="nearest",
        across_frames=True,
    )
    return np.asarray(moved, dtype=bool)


def sides_are_right(outcome: Outcome, volume: Volume) -> bool:
    right = volume.grid.to_lps(np.argwhere(outcome.labels == RIGHT))[:, 0].mean()
    left = volume.grid.to_lps(np.argwhere(outcome.labels == LEFT))[:, 0].mean()
    return bool(right < left)


def test_the_low_resolution_chest_agrees_with_its_mask(data_dir: Path) -> None:
    folder = data_dir / "chest_ct_lowres_lungmask"
    volume = read_volume(folder / "ct-64.nrrd", intensity=Intensity.HOUNSFIELD)
    found = run(volume)
    assert dice(found.lungs, read_mask(folder / "wholeLung-64.nrrd", volume)) >= 0.95
    assert sides_are_right(found, volume)


def test_the_network_alone_agrees_with_the_mask_of_a_chest_it_never_saw(data_dir: Path) -> None:
    folder = data_dir / "chest_ct_lowres_lungmask"
    volume = read_volume(folder / "ct-64.nrrd", intensity=Intensity.HOUNSFIELD)
    found = run(volume, plugin.Params(method="network"))
    assert dice(found.lungs, read_mask(folder / "wholeLung-64.nrrd", volume)) >= 0.93
    assert sides_are_right(found, volume)


@pytest.mark.parametrize("case", ["cmb_crc_01068", "acrin_flt_breast_013"])
def test_whole_chests_agree_with_their_masks(data_dir: Path, case: str) -> None:
    folder = data_dir / "chest_ct_train"
    volume = read_volume(folder / f"{case}.zip")
    found = run(volume)
    mask = read_mask(folder / f"{case}_lung_mask_derived.nii.gz", volume)
    assert dice(found.lungs, mask) >= 0.95
    assert sides_are_right(found, volume)


@pytest.mark.parametrize("kernel", ["b40f", "b70f"])
def test_thick_slices_with_a_tumour_give_both_lungs_of_plausible_size(
    data_dir: Path, kernel: str
) -> None:
    volume = read_volume(data_dir / "chest_ct_siemens_8mm" / kernel)
    found = run(volume)
    # Read off the pictures: the tumour takes part of the right lung.
    assert 900 < found.numbers["Right lung volume"] < 1500
    assert 1400 < found.numbers["Left lung volume"] < 1800
    assert sides_are_right(found, volume)


MEDIASTINUM_FROM_COLUMN = 222
"""Read off the pictures: further left in the boxes of slices 16..21 lie the right main bronchus,
the gullet and the vertebral body. No box reaches the chest wall."""


def test_half_of_the_dense_tumour_is_lung_for_the_joined_mask(data_dir: Path) -> None:
    folder = data_dir / "chest_ct_siemens_8mm"
    volume = read_volume(folder / "b40f")
    found = run(volume)
    boxes = json.loads((folder / "expected_tumour_boxes.json").read_text(encoding="utf-8"))
    dense = np.zeros(volume.array.shape, dtype=bool)
    for box in boxes["series"]["b40f"]["boxes"]:
        x0, x1, y0, y1 = (int(box[name]) for name in ("xmin", "xmax", "ymin", "ymax"))
        k = box["slice_index_by_z"]
        if k >= 16:
            x1 = min(x1, MEDIASTINUM_FROM_COLUMN)
        dense[k, y0:y1, x0:x1] = volume.array[k, y0:y1, x0:x1] > -200
    assert found.lungs[dense].mean() >= 0.5
    assert "dense-lung" in found.warnings


def test_two_kernels_of_one_scan_give_the_same_lungs(data_dir: Path) -> None:
    soft, sharp = (
        run(read_volume(data_dir / "chest_ct_siemens_8mm" / kernel)) for kernel in ("b40f", "b70f")
    )
    assert dice(soft.lungs, sharp.lungs) > 0.98


def test_lung_bases_at_the_top_of_an_abdomen_are_found_and_said_to_be_cut(data_dir: Path) -> None:
    folder = data_dir / "abdomen_ct_multiorgan"
    volume = read_volume(folder / "example_ct_sm.nii.gz", intensity=Intensity.HOUNSFIELD)
    found = run(volume)
    mask = read_mask(folder / "example_seg.nii.gz", volume, (10, 11, 12, 13, 14))
    assert dice(found.lungs, mask) >= 0.80
    assert {"lungs-cut-upper", "network-not-asked"} <= set(found.warnings)


def test_bowel_gas_of_a_whole_abdomen_never_counts(data_dir: Path) -> None:
    path = data_dir / "abdomen_ct_multiorgan" / "example_ct.nii.gz"
    found = run(read_volume(path, intensity=Intensity.HOUNSFIELD))
    assert 90 < found.numbers["Total lung volume"] < 140


def test_an_abdomen_without_lung_gives_zero_with_the_reason(data_dir: Path) -> None:
    found = run(read_volume(data_dir / "abdomen_ct_multiorgan" / "example_ct_dicom"))
    assert not found.labels.any()
    assert found.numbers["Total lung volume"] == 0
    assert "No lung was found" in found.warnings["no-lung-found"]


def test_two_slices_give_two_lungs_and_the_warning_that_they_are_cut(data_dir: Path) -> None:
    volume = read_volume(data_dir / "chest_ct_two_slices")
    found = run(volume)
    # 5 to 35 ml per lung in 2 mm of a chest with a heart: some 20 cm2 and more per slice.
    assert found.numbers["Right lung volume"] > 15
    assert found.numbers["Left lung volume"] > 8
    assert {"lungs-cut-upper", "lungs-cut-lower"} <= set(found.warnings)
    assert sides_are_right(found, volume)


def test_the_right_and_left_label_agree_with_the_reference_crop(data_dir: Path) -> None:
    folder = data_dir / "chest_ct_lowres_lungmask"
    mask = folder / "crop_ct_2slices_dcnnLungSegmentationLabelmap.nrrd"
    volume = read_volume(folder / "crop_ct_2slices.nrrd", intensity=Intensity.HOUNSFIELD)
    found = run(volume)
    for value, label in ((2, RIGHT), (3, LEFT)):
        assert dice(found.labels == label, read_mask(mask, volume, (value,))) >= 0.95
