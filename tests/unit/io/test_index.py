"""The index remembers folders, notices every change, forgets for good, and is private."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from medview.core.data.volume import Volume
from medview.core.errors import InputError
from medview.io.index import FILE_NAME, Index
from medview.io.info import info_document
from medview.io.load import load
from medview.io.remembered import Remembered
from medview.io.scan import scan
from tests.unit.io.series import assert_field, edit, make_grid, write_field


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    opened = Index(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    write_field(folder / "one", make_grid(), seed="one", patient_name="Muster^Erika")
    write_field(folder / "two", make_grid(), seed="two", keep=(0, 1, 5, 6))
    return folder


def test_a_folder_opened_again_says_the_same_without_reading_files(
    index: Index, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = index.scan([study])
    monkeypatch.setattr("medview.io.index.scan", None)
    again = index.scan([study])
    assert info_document(again) == info_document(first)
    assert all(isinstance(e.content, Remembered) for e in again.entries)


def test_a_remembered_series_loads_to_the_same_volume(index: Index, study: Path) -> None:
    index.scan([study])
    entry = next(e for e in index.scan([study]).entries if e.series.files == 7)
    volume = load(entry)
    assert isinstance(volume, Volume)
    assert_field(volume)
    fresh = next(e for e in scan([study]).entries if e.series.uid == entry.series.uid)
    again = load(fresh)
    assert (again.info.fingerprint, again.info.marks) == (
        volume.info.fingerprint,
        volume.info.marks,
    )


def test_real_folders_survive_the_index_unchanged(index: Index, data_dir: Path) -> None:
    for name in ("dicomdir", "wsi_cmu1_small_region", "nifti_basic", "mr_siemens_mosaic"):
        first = index.scan([data_dir / name])
        assert info_document(index.scan([data_dir / name])) == info_document(first)


@pytest.mark.parametrize("change", ["touched", "grown", "added", "removed", "renamed"])
def test_every_change_of_a_folder_is_noticed(index: Index, study: Path, change: str) -> None:
    index.scan([study])
    path = sorted((study / "one").iterdir())[3]
    if change == "touched":
        edit(path, lambda d: setattr(d, "SeriesDescription", "x" * len(d.SeriesDescription)))
        os.utime(path, ns=(1, 1))
    elif change == "grown":
        path.write_bytes(path.read_bytes() + b"\0")
    elif change == "added":
        (study / "new.txt").write_text("new")
    elif change == "removed":
        path.unlink()
    else:
        path.rename(path.with_name("other.dcm"))
    again = index.scan([study])
    assert not any(isinstance(e.content, Remembered) for e in again.entries)
    assert info_document(again) == info_document(scan([study]))


@pytest.mark.parametrize("change", ["touched", "removed", "returned"])
def test_files_that_a_directory_names_are_watched_too(
    index: Index, tmp_path: Path, data_dir: Path, change: str
) -> None:
    disc = tmp_path / "disc"
    shutil.copytree(data_dir / "dicomdir", disc)
    for path in [disc, *disc.rglob("*")]:
        path.chmod(0o755)
    image = next((disc / "98892001" / "CT5N").iterdir())
    if change == "returned":
        image.rename(tmp_path / "kept")
    index.scan([disc / "DICOMDIR"])
    assert all(isinstance(e.content, Remembered) for e in index.scan([disc / "DICOMDIR"]).entries)
    if change == "touched":
        os.utime(image, (1, 1))
    elif change == "removed":
        image.unlink()
    else:
        (tmp_path / "kept").rename(image)
    again = index.scan([disc / "DICOMDIR"])
    assert not any(isinstance(e.content, Remembered) for e in again.entries)
    assert info_document(again) == info_document(scan([disc / "DICOMDIR"]))


def test_files_that_change_between_listing_and_loading_are_refused(
    index: Index, study: Path
) -> None:
    index.scan([study])
    entry = index.scan([study]).entries[0]
    for path in (study / "one").iterdir():
        path.unlink()
    for path in (study / "two").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="changed"):
        load(entry)


def test_forgetting_removes_names_from_the_file_itself(
    index: Index, study: Path, tmp_path: Path
) -> None:
    found = index.scan([study])
    file = tmp_path / "home" / FILE_NAME
    assert b"Muster" in file.read_bytes()
    for one in found.studies:
        index.forget_study(one.uid)
    assert b"Muster" not in file.read_bytes()
    assert not any(isinstance(e.content, Remembered) for e in index.scan([study]).entries)
    index.forget_all()
    assert b"Muster" not in file.read_bytes()


def test_only_the_owner_can_read_the_index(index: Index, study: Path, tmp_path: Path) -> None:
    index.scan([study])
    for path in (tmp_path / "home").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_damaged_index_is_made_anew(tmp_path: Path, study: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / FILE_NAME).write_bytes(b"this is no database" * 100)
    opened = Index(tmp_path / "home")
    assert len(opened.scan([study]).entries) == 2
    opened.close()


def test_grids_keep_every_bit(index: Index, study: Path) -> None:
    first, again = index.scan([study]), index.scan([study])
    for a, b in zip(first.entries, again.entries, strict=True):
        if a.series.grid is not None:
            assert b.series.grid is not None
            np.testing.assert_array_equal(a.series.grid.index_to_lps, b.series.grid.index_to_lps)
            assert a.series.grid.frame_of_reference == b.series.grid.frame_of_reference
