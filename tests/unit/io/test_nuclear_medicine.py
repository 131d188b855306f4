"""A reconstructed nuclear medicine scan in one file lies where its detector says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from medview.core.data.volume import Volume
from medview.io.load import load
from tests.unit.io.series import edit, scan_one
from tests.unit.io.test_pictures import write_picture

NM = "1.2.840.10008.5.1.4.1.1.20"


def tomogram(path: Path, step: float, vector: list[int]) -> np.ndarray:
    frames = np.arange(5 * 6 * 8, dtype=np.uint16).reshape(5, 6, 8)
    write_picture(path, frames[0], SOPClassUID=NM, Modality="NM")

    def change(dataset: pydicom.Dataset) -> None:
        detector = Dataset()
        detector.ImagePositionPatient = [-10, -20, 30]
        detector.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        dataset.DetectorInformationSequence = Sequence([detector])
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
        dataset.NumberOfFrames = 5
        dataset.FrameIncrementPointer = 0x00540080
        dataset.SliceVector = vector
        dataset.SpacingBetweenSlices = step
        dataset.PixelSpacing = [2, 3]
        dataset.PixelData = frames.tobytes()

    edit(path, change)
    return frames


@pytest.mark.parametrize("step", [4.0, -4.0])
def test_slices_follow_the_normal_by_their_signed_spacing(tmp_path: Path, step: float) -> None:
    frames = tomogram(tmp_path / "a.dcm", step, [1, 2, 3, 4, 5])
    volume = load(scan_one(tmp_path).entries[0])
    assert isinstance(volume, Volume)
    assert sorted(volume.grid.spacing_mm) == [2.0, 3.0, 4.0]
    for n in range(5):
        index = np.rint(
            volume.grid.to_index(np.array([-10 + 3.0 * 7, -20 + 2.0 * 5, 30 + n * step]))
        )
        k, j, i = (int(v) for v in index)
        assert volume.array[k, j, i] == frames[n, 5, 7]


def test_frames_that_the_slice_vector_does_not_order_stay_a_stack(tmp_path: Path) -> None:
    tomogram(tmp_path / "a.dcm", 4.0, [1, 1, 2, 2, 3])
    assert scan_one(tmp_path).entries[0].series.kind == "stack"
