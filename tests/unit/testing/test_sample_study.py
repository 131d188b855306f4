"""The embedded sample study is complete, generated for all to see, and always the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from medview.testing.sample import sample_phantom, write_sample_study

pydicom = pytest.importorskip("pydicom")


def test_the_sample_study_says_that_it_shows_no_person(tmp_path: Path) -> None:
    told: list[float | None] = []
    paths = write_sample_study(tmp_path, progress=lambda fraction, _: told.append(fraction))
    assert told == [0.0, 0.6, 1.0]
    assert len(paths) == len(list(tmp_path.iterdir())) == 160
    header = pydicom.dcmread(paths[80])
    assert str(header.PatientName) == "Sample^Thorax"
    assert "generated" in header.StudyDescription
    phantom = sample_phantom()
    assert (header.pixel_array.astype(int) - 1024 == phantom.volume.array[80]).all()
    assert np.allclose(header.ImagePositionPatient, phantom.volume.grid.to_lps((80, 0, 0)))
