"""Reports, captures and clips that travel in a series of slices never become slices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest

from medview.core.data.image2d import Image2D
from medview.io.load import load
from medview.io.scan import scan
from tests.unit.io.series import edit, make_grid, scan_one, write_field
from tests.unit.io.test_pictures import write_picture

CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
DOSE_SR = "1.2.840.10008.5.1.4.1.1.88.67"
XA = "1.2.840.10008.5.1.4.1.1.12.1"


def as_report(dataset: pydicom.Dataset) -> None:
    dataset.SOPClassUID, dataset.Modality = DOSE_SR, "SR"
    del dataset.PixelData, dataset.Rows, dataset.Columns


def as_capture(dataset: pydicom.Dataset) -> None:
    dataset.SOPClassUID = CAPTURE
    dataset.ImageType = ["DERIVED", "SECONDARY", "OTHER", "DOSE"]


def as_screen(dataset: pydicom.Dataset) -> None:
    """Stored as if it were CT, as some scanners do, and without a place."""
    dataset.ImageType = ["DERIVED", "SECONDARY", "SCREEN SAVE"]
    del dataset.ImagePositionPatient, dataset.ImageOrientationPatient


def as_colour(dataset: pydicom.Dataset) -> None:
    """The place was copied from a slice; the picture is a table in colour."""
    dataset.ImageType = ["DERIVED", "SECONDARY", "SCREEN SAVE"]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 3, "RGB"
    dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelData = bytes(dataset.Rows * dataset.Columns * 3)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (as_report, "document"),
        (as_capture, "image"),
        (as_screen, "image"),
        (as_colour, "image"),
    ],
)
def test_a_dose_report_stays_out_of_the_volume(
    tmp_path: Path, change: Callable[[pydicom.Dataset], None], kind: str
) -> None:
    edit(write_field(tmp_path, make_grid())[6], change)
    found = scan([tmp_path])
    assert sorted((e.series.kind, e.series.files) for e in found.entries) == sorted(
        [("volume", 6), (kind, 1)]
    )
    volume = next(e.series for e in found.entries if e.series.kind == "volume")
    assert volume.shape == (6, 10, 12)


def test_an_angiogram_is_a_clip_of_its_frames(tmp_path: Path) -> None:
    frames = np.arange(5 * 6 * 8, dtype=np.uint16).reshape(5, 6, 8)
    write_picture(tmp_path / "a.dcm", frames[0], SOPClassUID=XA, Modality="XA")

    def moving(dataset: pydicom.Dataset) -> None:
        dataset.NumberOfFrames, dataset.FrameTime = 5, 66.7
        dataset.PixelData = frames.tobytes()

    edit(tmp_path / "a.dcm", moving)
    entry = scan_one(tmp_path).entries[0]
    assert (entry.series.kind, entry.series.times, entry.series.frames) == ("image", 5, 5)
    for time in range(5):
        image = load(entry, time=time)
        assert isinstance(image, Image2D)
        np.testing.assert_array_equal(image.array, frames[time])
