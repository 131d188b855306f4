"""One plane seen many times is an image that moves, where a time tells the visits apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from medview.core.data.image2d import Image2D
from medview.io.load import load
from tests.unit.io.series import edit, field, make_grid, scan_one, write_field


def cine(folder: Path, change: object = None) -> list[np.ndarray]:
    """Seven slices of one field at the place of the first, each with a trigger time."""
    grid = make_grid()
    written = write_field(folder, grid, shuffle=False)
    files = sorted(folder.iterdir())
    assert len(files) == grid.shape[0] or written
    place = pydicom.dcmread(files[0]).ImagePositionPatient
    planes = []
    for number, path in enumerate(files):

        def same_place(dataset: pydicom.Dataset, number: int = number) -> None:
            dataset.ImagePositionPatient = place
            dataset.Modality = "MR"
            for name in ("AcquisitionTime", "TemporalPositionIdentifier", "AcquisitionNumber"):
                if name in dataset:
                    delattr(dataset, name)
            if change is None:
                dataset.TriggerTime = str(700 - 100 * number)

        edit(path, same_place)
        dataset = pydicom.dcmread(path)
        planes.append(dataset.pixel_array * dataset.RescaleSlope + dataset.RescaleIntercept)
    assert field(grid).shape[0] == len(planes)
    return planes


def test_a_cine_at_one_place_plays_in_order_of_trigger_time(tmp_path: Path) -> None:
    planes = cine(tmp_path)
    entry = scan_one(tmp_path).entries[0]
    assert (entry.series.kind, entry.series.times, entry.series.files) == ("image", 7, 7)
    for time, plane in enumerate(reversed(planes)):
        image = load(entry, time=time)
        assert isinstance(image, Image2D)
        np.testing.assert_array_equal(image.array, plane)


def test_visits_that_no_time_tells_apart_are_a_stack(tmp_path: Path) -> None:
    cine(tmp_path, change="no time")
    series = scan_one(tmp_path).entries[0].series
    assert series.kind == "stack"
    assert [n.code for n in series.warnings] == ["single-position"]


@pytest.mark.parametrize("time", [0, 6])
def test_every_time_of_a_cine_keeps_its_own_fingerprint(tmp_path: Path, time: int) -> None:
    cine(tmp_path)
    entry = scan_one(tmp_path).entries[0]
    other = load(entry, time=3)
    assert load(entry, time=time).info.fingerprint != other.info.fingerprint
