"""PET values become SUV where the header allows, and say so where it does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from medview.core.data.intensity import Intensity
from medview.core.data.volume import Volume
from medview.io.load import load
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from tests.unit.io.series import edit, make_grid, scan_one

HALF_LIFE_S = 6586.2
DOSE_BQ = 3.7e8
WEIGHT_KG = 80.0


def write_pet(folder: Path, hours_after: float = 1.0, **changes: object) -> np.ndarray:
    """Slices with a slope of their own each; returns activity in Bq/ml."""
    grid = make_grid((4, 5, 6))
    values = np.arange(120).reshape(grid.shape) * 10
    for _ in range(4):
        header = SeriesHeader(modality="PT", slope=1.0, intercept=0.0, seed="pet")
        write_dicom_series(values, folder, grid=grid, header=header)
    start = 10 * 3600 + 15 * 60
    injected = start - hours_after * 3600
    clock = f"{int(injected // 3600):02d}{int(injected % 3600 // 60):02d}00"
    for k, path in enumerate(sorted(folder.iterdir())):

        def describe(d: Dataset, k: int = k) -> None:
            item = Dataset()
            item.RadionuclideTotalDose = DOSE_BQ
            item.RadionuclideHalfLife = HALF_LIFE_S
            item.RadiopharmaceuticalStartTime = clock
            d.RadiopharmaceuticalInformationSequence = Sequence([item])
            d.Units, d.DecayCorrection, d.PatientWeight = "BQML", "START", WEIGHT_KG
            d.RescaleSlope = str(1.0 + k)
            for name, value in changes.items():
                if value is None:
                    del d[name]
                else:
                    setattr(d, name, value)

        edit(path, describe)
    return values * (1.0 + np.arange(4))[:, None, None]


def test_activity_becomes_uptake_by_body_weight(tmp_path: Path) -> None:
    activity = write_pet(tmp_path)
    entry = scan_one(tmp_path).entries[0]
    assert entry.series.intensity is Intensity.SUV
    volume = load(entry)
    assert isinstance(volume, Volume)
    decayed = DOSE_BQ * 2 ** (-3600 / HALF_LIFE_S)
    np.testing.assert_allclose(volume.array, activity * WEIGHT_KG * 1000 / decayed, rtol=1e-5)
    assert not volume.info.marks


def test_a_dose_corrected_to_injection_is_not_decayed_again(tmp_path: Path) -> None:
    activity = write_pet(tmp_path, DecayCorrection="ADMIN")
    volume = load(scan_one(tmp_path).entries[0])
    assert isinstance(volume, Volume)
    np.testing.assert_allclose(volume.array, activity * WEIGHT_KG * 1000 / DOSE_BQ, rtol=1e-5)


def test_grams_per_millilitre_are_uptake_already(tmp_path: Path) -> None:
    activity = write_pet(tmp_path, Units="GML")
    volume = load(scan_one(tmp_path).entries[0])
    assert isinstance(volume, Volume)
    assert volume.intensity is Intensity.SUV
    np.testing.assert_allclose(volume.array, activity, rtol=1e-6)


def test_an_injection_before_midnight_counts_from_the_day_before(tmp_path: Path) -> None:
    activity = write_pet(tmp_path, SeriesTime="003000", AcquisitionTime="003000")
    for path in tmp_path.iterdir():
        edit(
            path,
            lambda d: setattr(
                d.RadiopharmaceuticalInformationSequence[0],
                "RadiopharmaceuticalStartTime",
                "233000",
            ),
        )
    volume = load(scan_one(tmp_path).entries[0])
    assert isinstance(volume, Volume)
    decayed = DOSE_BQ * 2 ** (-3600 / HALF_LIFE_S)
    np.testing.assert_allclose(volume.array, activity * WEIGHT_KG * 1000 / decayed, rtol=1e-5)


@pytest.mark.parametrize(
    "changes",
    [
        {"PatientWeight": None},
        {"Units": "CNTS"},
        {"DecayCorrection": "NONE"},
        {"RadiopharmaceuticalInformationSequence": None},
    ],
    ids=["weight", "unit", "decay", "injection"],
)
def test_without_what_is_needed_values_stay_as_stored_with_a_warning(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    activity = write_pet(tmp_path, **changes)
    entry = scan_one(tmp_path).entries[0]
    assert entry.series.intensity is Intensity.ARBITRARY
    assert [w.code for w in entry.series.warnings] == ["no-suv"]
    volume = load(entry)
    assert isinstance(volume, Volume)
    np.testing.assert_allclose(volume.array, activity, rtol=1e-6)


def acquired_at(time: str) -> Callable[[Dataset], None]:
    def change(header: Dataset) -> None:
        header.AcquisitionTime = time

    return change


def test_the_dose_decays_to_the_first_bed_in_time_wherever_it_lies(tmp_path: Path) -> None:
    """Series time was set by later processing; the head, high up, was scanned first."""
    activity = write_pet(tmp_path, SeriesTime="120000")
    for k, path in enumerate(sorted(tmp_path.iterdir())):
        edit(path, acquired_at(f"10{30 - 5 * k:02d}00"))
    volume = load(scan_one(tmp_path).entries[0])
    assert isinstance(volume, Volume)
    decayed = DOSE_BQ * 2 ** (-3600 / HALF_LIFE_S)
    np.testing.assert_allclose(volume.array, activity * WEIGHT_KG * 1000 / decayed, rtol=1e-5)
