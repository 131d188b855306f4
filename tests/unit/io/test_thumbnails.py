"""Small pictures show the middle of the series, are private, and go when they shall."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from medview.io.index import Index
from medview.io.middle_slice import read_middle_slice
from medview.io.scan import SeriesEntry, scan
from medview.io.thumbnail_key import thumbnail_key
from medview.io.thumbnail_store import ThumbnailStore
from tests.unit.io.series import edit, field, make_grid, scan_one, write_field


def picture(value: int = 0) -> NDArray[np.uint8]:
    return np.full((8, 12, 3), value, np.uint8)


@pytest.fixture
def store(tmp_path: Path) -> ThumbnailStore:
    return ThumbnailStore(tmp_path / "home" / "thumbnails")


@pytest.fixture
def entry(tmp_path: Path) -> SeriesEntry:
    write_field(tmp_path / "study", make_grid())
    return scan_one(tmp_path / "study").entries[0]


def kept(store: ThumbnailStore) -> list[Path]:
    return sorted(store._folder.rglob("*.png"))


def put(store: ThumbnailStore, entry: SeriesEntry, value: int = 0) -> None:
    key = thumbnail_key(entry)
    assert key is not None
    store.put(key, picture(value))


def got(store: ThumbnailStore, entry: SeriesEntry) -> NDArray[np.uint8] | None:
    key = thumbnail_key(entry)
    assert key is not None
    return store.get(key)


def test_what_was_kept_comes_back_in_another_session_and_from_the_index(
    store: ThumbnailStore, entry: SeriesEntry, tmp_path: Path
) -> None:
    put(store, entry, 77)
    later = ThumbnailStore(store._folder)
    again = scan([tmp_path / "study"]).entries[0]
    np.testing.assert_array_equal(got(later, again), picture(77))
    index = Index(tmp_path / "home")
    index.scan([tmp_path / "study"])
    [remembered] = index.scan([tmp_path / "study"]).entries
    index.close()
    np.testing.assert_array_equal(got(later, remembered), picture(77))


def test_a_changed_file_gets_another_picture_and_the_old_one_goes(
    store: ThumbnailStore, entry: SeriesEntry, tmp_path: Path
) -> None:
    put(store, entry, 1)
    [first] = kept(store)
    path = sorted((tmp_path / "study").iterdir())[0]
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))
    assert got(store, entry) is None
    put(store, entry, 2)
    [second] = kept(store)
    assert second != first
    np.testing.assert_array_equal(got(store, entry), picture(2))


def test_only_the_owner_can_read_and_names_tell_nothing(
    store: ThumbnailStore, entry: SeriesEntry
) -> None:
    put(store, entry)
    [path] = kept(store)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, store._folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert entry.series.uid not in str(path)
    assert str(entry.study.uid) not in str(path)
    assert list(path.parent.glob("*.part")) == []


@pytest.mark.parametrize("everything", [False, True])
def test_forgetting_removes_pictures_and_keeps_late_ones_out(
    store: ThumbnailStore, tmp_path: Path, everything: bool
) -> None:
    for seed in ("one", "two"):
        write_field(tmp_path / "study" / seed, make_grid(), seed=seed)
    entries = scan([tmp_path / "study"]).entries
    for each in entries:
        put(store, each)
    assert len(kept(store)) == 2
    if everything:
        store.forget_all([each.study.uid for each in entries])
    else:
        store.forget_study(entries[0].study.uid)
    put(store, entries[0])
    assert got(store, entries[0]) is None
    assert len(kept(store)) == (0 if everything else 1)
    # The next session may keep it again, if the study is opened again.
    put(ThumbnailStore(store._folder), entries[0])
    assert got(store, entries[0]) is not None


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n broken", b"<html>"])
def test_a_damaged_picture_is_none(
    store: ThumbnailStore, entry: SeriesEntry, content: bytes
) -> None:
    put(store, entry)
    [path] = kept(store)
    path.write_bytes(content)
    assert got(store, entry) is None


def test_a_series_whose_files_are_gone_has_no_key(entry: SeriesEntry, tmp_path: Path) -> None:
    sorted((tmp_path / "study").iterdir())[3].unlink()
    assert thumbnail_key(entry) is None


def test_the_middle_slice_of_a_series_is_the_middle_one(entry: SeriesEntry) -> None:
    grid = make_grid()
    found = read_middle_slice(entry)
    assert found is not None
    np.testing.assert_array_equal(found.pixels, field(grid)[grid.shape[0] // 2])
    assert found.spacing_mm == pytest.approx(grid.spacing_mm[1:])


def test_the_middle_slice_of_a_volume_file_lies_as_it_is_read(tmp_path: Path) -> None:
    # RAS+ storage: i to the Right of the patient grows to the Right, j to Anterior.
    values = np.zeros((6, 8, 5), np.int16)
    values[5, :, :] = 1  # the patient's right side
    values[:, 7, :] = 2  # anterior
    nib.save(nib.Nifti1Image(values, np.diag([2.0, 3.0, 4.0, 1.0])), tmp_path / "a.nii.gz")
    found = read_middle_slice(scan_one(tmp_path).entries[0])
    assert found is not None
    assert found.pixels.shape == (8, 6)
    # The patient's front is on top, the right side on the left.
    assert (found.pixels[0] == 2).all()
    assert (found.pixels[1:, 0] == 1).all()
    assert (found.pixels[1:, 1:] == 0).all()
    assert found.spacing_mm == pytest.approx((3.0, 2.0))


def test_a_few_sagittal_slices_in_a_volume_file_are_seen_from_the_side(tmp_path: Path) -> None:
    values = np.zeros((3, 10, 12), np.int16)
    values[:, :, 11] = 1  # the top of the head
    values[:, 9, :] = 2  # anterior
    nib.save(nib.Nifti1Image(values, np.diag([5.0, 3.0, 4.0, 1.0])), tmp_path / "a.nii.gz")
    found = read_middle_slice(scan_one(tmp_path).entries[0])
    assert found is not None
    assert found.pixels.shape == (12, 10)
    # The head is on top, the nose on the left.
    assert (found.pixels[:, 0] == 2).all()
    assert (found.pixels[0, 1:] == 1).all()
    assert (found.pixels[1:, 1:] == 0).all()
    assert found.spacing_mm == pytest.approx((4.0, 3.0))


def test_a_stack_shows_its_middle_picture(tmp_path: Path) -> None:
    write_field(tmp_path, make_grid(), shuffle=False)
    for number, path in enumerate(sorted(tmp_path.iterdir())):

        def alike(dataset: object, number: int = number) -> None:
            dataset.ImagePositionPatient = [0, 0, 0]  # type: ignore[attr-defined]
            for name in ("AcquisitionTime", "TemporalPositionIdentifier", "AcquisitionNumber"):
                if name in dataset:  # type: ignore[operator]
                    delattr(dataset, name)

        edit(path, alike)
    entry = scan_one(tmp_path).entries[0]
    assert entry.series.kind == "stack"
    found = read_middle_slice(entry)
    assert found is not None
    assert found.pixels.shape == make_grid().shape[1:]
