"""Uneven, missing and repeated slices: repaired with a record, or refused with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from medview.core.data.stack import Stack
from medview.core.progress import ignore_progress
from medview.io.dicom.geometry import Layout
from medview.io.dicom.part import Part
from medview.io.dicom.pixels import read_stored
from medview.io.dicom.resampling import memory_for_both, resample_planes
from medview.io.load import load
from tests.unit.io.series import assert_field, edit, load_volume, make_grid, scan_one, write_field


def shift_along_z(path: Path, millimetres: float) -> None:
    """Move a slice and, with it, the values of the field."""

    def move(dataset: object) -> None:
        x, y, z = dataset.ImagePositionPatient  # type: ignore[attr-defined]
        dataset.ImagePositionPatient = [x, y, f"{float(z) + millimetres:.6f}"]  # type: ignore[attr-defined]
        values = np.frombuffer(dataset.PixelData, "<u2").astype(float) + 5 * millimetres  # type: ignore[attr-defined]
        dataset.PixelData = np.rint(values).astype("<u2").tobytes()  # type: ignore[attr-defined]

    edit(path, move)


def only_layout(folder: Path) -> Layout:
    part = scan_one(folder).entries[0].content
    assert isinstance(part, Part)
    return part.times[0]


@pytest.mark.parametrize("spacing", [0.6, 2.0, 25.0])
def test_gaps_within_one_percent_are_regular(tmp_path: Path, spacing: float) -> None:
    paths = write_field(tmp_path, make_grid(spacing=(spacing, 1.5, 0.75)))
    shift_along_z(paths[3], max(0.0049, 0.0049 * spacing))
    assert scan_one(tmp_path).entries[0].series.repairs == ()


def test_gaps_beyond_one_percent_are_resampled_and_named(tmp_path: Path) -> None:
    paths = write_field(tmp_path, make_grid())
    shift_along_z(paths[3], 0.5)
    series = scan_one(tmp_path).entries[0].series
    assert [r.code for r in series.repairs] == ["uneven-spacing-resampled"]
    assert "44.00 to 46.50" in series.repairs[0].message
    assert series.spacing_mm == pytest.approx((2.0, 1.5, 0.75))
    assert_field(load_volume(tmp_path), 1.3)


def test_one_missing_slice_is_interpolated_and_named(tmp_path: Path) -> None:
    write_field(tmp_path, make_grid(), keep=(0, 1, 2, 4, 5, 6))
    series = scan_one(tmp_path).entries[0].series
    assert series.kind == "volume"
    assert series.shape == (7, 10, 12)
    assert series.files == 6
    assert "44.00 to 48.00" in series.repairs[0].message
    assert_field(load_volume(tmp_path), 1.3)


@pytest.mark.parametrize(
    ("spacing", "left_out", "kind"),
    [
        (2.0, (3, 4), "volume"),  # 6 mm: three times the median
        (2.0, (3, 4, 5), "stack"),  # 8 mm: four times
        (4.9, (3,), "volume"),  # 9.8 mm
        (5.1, (3,), "stack"),  # 10.2 mm: beyond 10 mm
    ],
)
def test_gaps_are_bridged_up_to_three_times_the_median_and_ten_millimetres(
    tmp_path: Path, spacing: float, left_out: tuple[int, ...], kind: str
) -> None:
    grid = make_grid((10, 6, 6), (spacing, 1.5, 0.75))
    write_field(tmp_path, grid, keep=[k for k in range(10) if k not in left_out])
    assert scan_one(tmp_path).entries[0].series.kind == kind


def test_a_stack_says_why_and_still_shows_every_slice(tmp_path: Path) -> None:
    grid = make_grid((10, 6, 8))
    write_field(tmp_path, grid, keep=(0, 1, 2, 7, 8, 9))
    entry = scan_one(tmp_path).entries[0]
    assert [w.code for w in entry.series.warnings] == ["slice-gap"]
    assert "4 slices seem to be missing" in entry.series.warnings[0].message
    assert entry.series.grid is None
    stack = load(entry)
    assert isinstance(stack, Stack)
    assert len(stack.slices) == 6
    assert stack.labels[0] == "1 / 6, 40.0 mm"
    assert [int(s[0, 0]) for s in stack.slices] == sorted(int(s[0, 0]) for s in stack.slices)


def test_thick_slices_far_apart_are_regular_however_far(tmp_path: Path) -> None:
    write_field(tmp_path, make_grid(spacing=(12.0, 1.0, 1.0)))
    series = scan_one(tmp_path).entries[0].series
    assert (series.kind, series.repairs, series.warnings) == ("volume", (), ())


def test_two_slices_are_a_volume_and_one_is_an_image(tmp_path: Path) -> None:
    write_field(tmp_path / "two", make_grid(), keep=(0, 1))
    write_field(tmp_path / "one", make_grid(), keep=(0,))
    assert scan_one(tmp_path / "two").entries[0].series.kind == "volume"
    single = scan_one(tmp_path / "one").entries[0].series
    assert (single.kind, single.shape) == ("image", (10, 12))
    assert single.spacing_mm == pytest.approx((1.5, 0.75))


def test_uneven_and_tilted_series_are_set_right_together(tmp_path: Path) -> None:
    grid = make_grid((9, 24, 12), (2.0, 1.0, 1.0))
    write_field(tmp_path, grid, keep=(0, 1, 2, 3, 5, 6, 7, 8), tilt_deg=-15.0)
    series = scan_one(tmp_path).entries[0].series
    assert {r.code for r in series.repairs} == {
        "uneven-spacing-resampled",
        "gantry-tilt-corrected",
    }
    assert series.shape is not None
    assert series.shape[0] == 9
    assert "-15.0 degrees" in next(r.message for r in series.repairs if "tilt" in r.code)


@pytest.mark.parametrize("tilt", [0.0, 15.0, -25.0])
@pytest.mark.parametrize(
    "keep",
    [
        range(12),
        (0, 1, 2, 4, 5, 6, 7, 9, 10, 11),
        (0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
        (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11),
        (0, 2, 4, 6, 7, 8, 10),
    ],
    ids=["all", "two-missing", "low", "high", "mostly-missing"],
)
def test_repaired_slices_do_not_overwrite_what_they_are_made_of(
    tmp_path: Path, keep: Iterable[int], tilt: float
) -> None:
    """The planes and the volume share their memory, so every way of moving them is tried."""
    write_field(tmp_path, make_grid((12, 30, 16)), keep=keep, tilt_deg=tilt)
    layout = only_layout(tmp_path)
    if layout.resampling is None or layout.grid is None:
        return
    stored = np.stack([read_stored(f).astype(np.float32) - 1024 for f in layout.frames])
    apart = np.full(layout.grid.shape, np.nan, np.float32)
    resample_planes(stored, layout, apart, ignore_progress)
    np.testing.assert_array_equal(load_volume(tmp_path).array, np.rint(apart))


def test_a_repaired_volume_takes_little_more_memory_than_itself(tmp_path: Path) -> None:
    write_field(tmp_path, make_grid((60, 40, 40)), tilt_deg=12.0)
    layout = only_layout(tmp_path)
    planes, out = memory_for_both(layout, (40, 40), np.dtype(np.int16))
    together = max(map(end_of, (planes, out))) - min(p.ctypes.data for p in (planes, out))
    assert together <= 1.1 * out.nbytes


def end_of(array: np.ndarray) -> int:
    return int(array.ctypes.data) + array.nbytes
