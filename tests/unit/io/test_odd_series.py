"""Series that nearly fit together: nothing is merged, dropped or rescaled in silence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest

from medview.core.data.intensity import Intensity
from medview.core.data.volume import Volume
from medview.io.load import load
from medview.io.scan import Scan, scan
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from tests.unit.io.series import (
    assert_field,
    edit,
    field,
    load_volume,
    make_grid,
    scan_one,
    write_field,
)

MR = SeriesHeader(modality="MR", intercept=0.0)
Change = Callable[[pydicom.Dataset], None]


def volumes(found: Scan) -> list[Volume]:
    opened = [load(entry) for entry in found.entries]
    assert all(isinstance(v, Volume) for v in opened)
    return [v for v in opened if isinstance(v, Volume)]


def write_twice(
    folder: Path, change: Callable[[pydicom.Dataset, int], None], times: int = 2
) -> np.ndarray:
    """The same slices again and again, 7 brighter each time, told apart by `change` alone."""
    grid = make_grid()
    base = field(grid) - field(grid).min()
    for n in range(times):
        written = write_dicom_series(
            base + 7 * n, folder / str(n), grid=grid, header=MR, time=n, shuffle=True
        )
        for path in written:

            def alike(dataset: pydicom.Dataset, n: int = n) -> None:
                del dataset.TemporalPositionIdentifier
                dataset.AcquisitionNumber = 1
                dataset.AcquisitionTime = dataset.ContentTime = "101500"
                change(dataset, n)

            edit(path, alike)
    return base


@pytest.mark.parametrize(
    "change",
    [
        lambda d, n: d.__setattr__("DiffusionBValue", 500.0 * n),
        lambda d, n: d.__setattr__("EchoTime", 10.0 + 20 * n),
        lambda d, n: d.__setattr__("EchoNumbers", 1 + n),
        lambda d, n: d.__setattr__("ImageType", ["ORIGINAL", "PRIMARY", "MP"[n]]),
        lambda d, n: d.__setattr__("ImageType", [("ORIGINAL", "DERIVED")[n], "PRIMARY", "M"]),
        lambda d, n: d.__setattr__("ConvolutionKernel", f"B{4 + 3 * n}0"),
        lambda d, n: d.__setattr__("SliceThickness", 2.0 + n),
    ],
    ids=["b-value", "echo-time", "echo-number", "type", "origin", "kernel", "thickness"],
)
def test_one_telling_tag_alone_takes_a_series_apart(
    tmp_path: Path, change: Callable[[pydicom.Dataset, int], None]
) -> None:
    base = write_twice(tmp_path, change)
    found = scan([tmp_path])
    assert [(e.series.kind, e.series.times, e.series.files) for e in found.entries] == [
        ("volume", 1, 7)
    ] * 2
    assert [e.series.uid.rpartition("#")[2] for e in found.entries] == ["1", "2"]
    for n, volume in enumerate(sorted(volumes(found), key=lambda v: int(v.array.min()))):
        np.testing.assert_array_equal(volume.array, base + 7 * n)


@pytest.mark.parametrize(
    "change",
    [
        lambda d, n: d.__setattr__("TemporalPositionIdentifier", 1 + n),
        lambda d, n: d.__setattr__("AcquisitionNumber", 1 + n),
        lambda d, n: d.__setattr__("TriggerTime", 30.0 + 40 * n),
        lambda d, n: d.__setattr__("AcquisitionTime", f"1015{10 * n:02d}"),
    ],
    ids=["temporal-position", "acquisition", "trigger-time", "acquisition-time"],
)
def test_one_tag_of_time_alone_makes_time_points(
    tmp_path: Path, change: Callable[[pydicom.Dataset, int], None]
) -> None:
    base = write_twice(tmp_path, change, times=3)
    entry = scan_one(tmp_path).entries[0]
    assert (entry.series.kind, entry.series.times, entry.series.files) == ("volume", 3, 21)
    for n in range(3):
        volume = load(entry, time=n)
        assert isinstance(volume, Volume)
        np.testing.assert_array_equal(volume.array, base + 7 * n)


def test_time_points_stay_in_order_across_midnight(tmp_path: Path) -> None:
    def at_night(dataset: pydicom.Dataset, n: int) -> None:
        dataset.AcquisitionDate, dataset.AcquisitionTime = [
            ("20260102", "235950"),
            ("20260103", "000010"),
        ][n]

    base = write_twice(tmp_path, at_night)
    first = load(scan_one(tmp_path).entries[0], time=0)
    assert isinstance(first, Volume)
    np.testing.assert_array_equal(first.array, base)


def test_two_reconstructions_in_one_series_are_never_time_points(tmp_path: Path) -> None:
    def kernels(dataset: pydicom.Dataset, n: int) -> None:
        dataset.AcquisitionNumber, dataset.ConvolutionKernel = 1 + n, ("B40f", "B70f")[n]

    write_twice(tmp_path, kernels)
    found = scan([tmp_path])
    assert [(e.series.kind, e.series.times) for e in found.entries] == [("volume", 1)] * 2


def test_alternating_kernels_at_different_places_are_marked(tmp_path: Path) -> None:
    for path in write_field(tmp_path, make_grid())[::2]:
        edit(path, lambda d: setattr(d, "ConvolutionKernel", "B70f"))
    series = scan_one(tmp_path).entries[0].series
    assert [w.code for w in series.warnings] == ["mixed-slices"]
    assert "kernel" in series.warnings[0].message


def test_one_slice_without_rescale_takes_the_hounsfield_units_from_all(tmp_path: Path) -> None:
    def without(dataset: pydicom.Dataset) -> None:
        del dataset.RescaleSlope, dataset.RescaleIntercept

    edit(write_field(tmp_path, make_grid())[4], without)
    series = scan_one(tmp_path).entries[0].series
    assert series.intensity is Intensity.ARBITRARY
    assert [w.code for w in series.warnings] == ["mixed-rescale"]


def test_each_slice_is_rescaled_by_its_own_numbers(tmp_path: Path) -> None:
    grid = make_grid()
    for k, path in enumerate(write_field(tmp_path, grid)):

        def by_its_own(dataset: pydicom.Dataset, k: int = k) -> None:
            values = dataset.pixel_array.astype(int) - 1024
            dataset.RescaleIntercept = -1024 - 10 * k
            dataset.PixelData = (values + 1024 + 10 * k).astype("<u2").tobytes()

        edit(path, by_its_own)
    assert_field(load_volume(tmp_path))


def test_blank_slices_under_one_careless_uid_are_all_kept(tmp_path: Path) -> None:
    grid = make_grid()
    values = np.full(grid.shape, -1000, np.int16)
    values[5] = 40
    for path in write_dicom_series(values, tmp_path, grid=grid):
        edit(path, lambda d: setattr(d, "SOPInstanceUID", "1.2.3"))
    volume = load_volume(tmp_path)
    np.testing.assert_array_equal(volume.array, values)


def test_spacing_written_with_fewer_digits_is_the_same_spacing(tmp_path: Path) -> None:
    paths = write_field(tmp_path, make_grid(spacing=(2.0, 0.443359375, 0.443359375)))
    edit(paths[2], lambda d: setattr(d, "PixelSpacing", ["0.44335", "0.44335"]))
    assert load_volume(tmp_path).array.shape == (7, 10, 12)


def halved(dataset: pydicom.Dataset) -> None:
    dataset.Rows = 5
    dataset.PixelData = dataset.PixelData[: len(dataset.PixelData) // 2]


@pytest.mark.parametrize(
    "change",
    [lambda d: d.__setattr__("PixelSpacing", [1.5, 0.8]), halved],
    ids=["spacing", "shape"],
)
def test_a_slice_of_another_size_stays_out_of_the_volume(tmp_path: Path, change: Change) -> None:
    edit(write_field(tmp_path, make_grid())[6], change)
    found = scan([tmp_path])
    assert sorted((e.series.kind, e.series.files) for e in found.entries) == [
        ("image", 1),
        ("volume", 6),
    ]


def test_a_slice_of_palette_numbers_is_never_taken_for_grey_values(tmp_path: Path) -> None:
    def coloured(dataset: pydicom.Dataset) -> None:
        dataset.PhotometricInterpretation = "PALETTE COLOR"
        for n in range(3):
            dataset.add_new(0x00281101 + n, "US", [4, 0, 8])
            dataset.add_new(0x00281201 + n, "OW", bytes(4))

    edit(write_field(tmp_path, make_grid())[3], coloured)
    kinds = sorted((e.series.kind, e.series.files) for e in scan([tmp_path]).entries)
    assert kinds == [("image", 1), ("volume", 6)]


def test_slices_whose_rows_run_the_other_way_are_not_mixed_in(tmp_path: Path) -> None:
    def turned(dataset: pydicom.Dataset) -> None:
        """The same place and direction of reading, and a normal that points down."""
        cosines = [float(v) for v in dataset.ImageOrientationPatient]
        position = np.asarray(dataset.ImagePositionPatient, float)
        row, width = np.asarray(cosines[:3]), dataset.Columns - 1
        pixels = dataset.pixel_array[:, ::-1]
        position = position + row * width * float(dataset.PixelSpacing[1])
        dataset.ImageOrientationPatient = [*(-row), *cosines[3:]]
        dataset.ImagePositionPatient = [float(v) for v in position]
        dataset.PixelData = np.ascontiguousarray(pixels).tobytes()

    for path in write_field(tmp_path, make_grid())[4:]:
        edit(path, turned)
    for volume in volumes(scan([tmp_path])):
        assert_field(volume)


@pytest.mark.parametrize("jitter_mm", [0.004, 0.2])
def test_positions_that_jitter_put_every_slice_where_its_header_says(
    tmp_path: Path, jitter_mm: float
) -> None:
    grid = make_grid((9, 20, 24), spacing=(2.0, 0.75, 0.75))
    rng = np.random.default_rng(5)
    for k, path in enumerate(write_field(tmp_path, grid)):
        moved = np.array([*rng.uniform(-jitter_mm, jitter_mm, 2), 0.0])

        def shifted(dataset: pydicom.Dataset, k: int = k, moved: np.ndarray = moved) -> None:
            at = np.asarray(dataset.ImagePositionPatient, float) + moved
            dataset.ImagePositionPatient = [f"{v:.6f}" for v in at]
            exact = field_plane(grid, k, moved)
            dataset.PixelData = (np.rint(exact) + 1024).astype("<u2").tobytes()

        edit(path, shifted)
    volume = load_volume(tmp_path)
    codes = [r.code for r in scan_one(tmp_path).entries[0].series.repairs]
    assert codes == ([] if jitter_mm < 0.01 else ["slice-shift-corrected"])
    assert_field(volume, tolerance=1.3, margin=1)


def field_plane(grid: object, k: int, moved: np.ndarray) -> np.ndarray:
    from tests.unit.io.series import values_at

    _, rows, columns = grid.shape  # type: ignore[attr-defined]
    index = np.stack(np.meshgrid([k], np.arange(rows), np.arange(columns), indexing="ij"), -1)
    return values_at(grid.to_lps(index) + moved)[0]  # type: ignore[attr-defined]
