"""What is no slice of a scan never ends up inside its volume, whatever it claims to be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from medview.core.data.series import SeriesKind
from medview.core.data.volume import Volume
from medview.io.load import load
from medview.io.scan import Scan, scan
from tests.unit.io.series import assert_field, edit, make_grid, write_field

STORAGE = "1.2.840.10008.5.1.4.1.1."


def with_stranger(folder: Path, change: Callable[[Dataset], None]) -> Scan:
    """A CT series, and one more object of the same series at a place between two slices."""
    paths = write_field(folder, make_grid())
    stranger = pydicom.dcmread(paths[3])
    stranger.SOPInstanceUID = stranger.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3.4")
    x, y, z = map(float, stranger.ImagePositionPatient)
    stranger.ImagePositionPatient = [x, y, z + 1.0]
    change(stranger)
    stranger.save_as(folder / "stranger.dcm")
    return scan([folder])


def as_class(dataset: Dataset, tail: str) -> None:
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = UID(STORAGE + tail)


def dose_report(dataset: Dataset) -> None:
    as_class(dataset, "88.67")
    dataset.Modality = "SR"
    del dataset.PixelData, dataset.Rows, dataset.Columns


def dose_page(dataset: Dataset) -> None:
    """As a scanner stores it: a picture of a table, of modality CT, in the series of the scan."""
    as_class(dataset, "7")
    dataset.ImageType = ["DERIVED", "SECONDARY", "SCREEN SAVE"]


def capture_by_modality(dataset: Dataset) -> None:
    dataset.Modality = "SC"


def screen_of_the_console(dataset: Dataset) -> None:
    """Grey, of the class of the slices, and with the place of one of them."""
    dataset.ImageType = ["DERIVED", "SECONDARY", "SCREEN SAVE"]


def dose_table(dataset: Dataset) -> None:
    dataset.ImageType = ["DERIVED", "SECONDARY", "OTHER", "DOSE_INFO"]


def scout(dataset: Dataset) -> None:
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]


def segmentation(dataset: Dataset) -> None:
    as_class(dataset, "66.4")
    dataset.Modality = "SEG"


def presentation_state(dataset: Dataset) -> None:
    as_class(dataset, "11.1")
    dataset.Modality = "PR"
    del dataset.PixelData, dataset.Rows, dataset.Columns


def dose_grid(dataset: Dataset) -> None:
    as_class(dataset, "481.2")
    dataset.Modality = "RTDOSE"


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (dose_report, "document"),
        (dose_page, "image"),
        (capture_by_modality, "image"),
        (screen_of_the_console, "image"),
        (dose_table, "image"),
        (scout, "image"),
        (segmentation, "document"),
        (presentation_state, "document"),
        (dose_grid, "document"),
    ],
)
def test_a_stranger_in_the_series_stays_out_of_its_volume(
    tmp_path: Path, change: Callable[[Dataset], None], kind: SeriesKind
) -> None:
    found = with_stranger(tmp_path, change)
    assert not found.skipped
    by_kind = {e.series.kind: e for e in found.entries}
    assert set(by_kind) == {"volume", kind}
    assert by_kind[kind].series.files == 1
    volume = load(by_kind["volume"])
    assert isinstance(volume, Volume)
    assert volume.grid.shape == make_grid().shape
    assert not volume.info.marks
    assert_field(volume)


def test_enhanced_ct_places_every_frame_by_its_own_groups(tmp_path: Path) -> None:
    """Frames stored in another order than they lie, each with a rescale of its own."""
    (path,) = write_field(tmp_path, make_grid(), keep=(0,))
    order, height = [2, 0, 3, 1], 2.5

    def enhanced(dataset: Dataset) -> None:
        as_class(dataset, "2.1")
        x, y, z = map(float, dataset.ImagePositionPatient)
        shared, measures, plane = Dataset(), Dataset(), Dataset()
        measures.PixelSpacing, measures.SliceThickness = dataset.PixelSpacing, "2.5"
        plane.ImageOrientationPatient = dataset.ImageOrientationPatient
        shared.PixelMeasuresSequence = Sequence([measures])
        shared.PlaneOrientationSequence = Sequence([plane])
        groups = []
        for k in order:
            group, place, value = Dataset(), Dataset(), Dataset()
            place.ImagePositionPatient = [x, y, z + height * k]
            value.RescaleSlope, value.RescaleIntercept, value.RescaleType = 1 + k, -1000, "HU"
            group.PlanePositionSequence = Sequence([place])
            group.PixelValueTransformationSequence = Sequence([value])
            groups.append(group)
        dataset.SharedFunctionalGroupsSequence = Sequence([shared])
        dataset.PerFrameFunctionalGroupsSequence = Sequence(groups)
        dataset.NumberOfFrames = len(order)
        dataset.PixelData = np.full((4, 10, 12), 100, "<u2").tobytes()
        dataset.PixelRepresentation = 0
        for name in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
            delattr(dataset, name)
        del dataset.RescaleSlope, dataset.RescaleIntercept

    edit(path, enhanced)
    (entry,) = scan([tmp_path]).entries
    volume = load(entry)
    assert isinstance(volume, Volume)
    assert volume.spacing_mm == pytest.approx((2.5, 1.5, 0.75))
    assert volume.intensity.is_hounsfield
    for k in range(4):
        assert (volume.array[k] == 100 * (1 + k) - 1000).all()
