"""Where medview keeps a person's files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from medview.config.paths import find_folders, make_private
from medview.core.errors import MedviewError

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")


def test_medview_home_moves_every_folder_below_one(tmp_path: Path) -> None:
    folders = find_folders({"MEDVIEW_HOME": str(tmp_path)})
    places = [folders.settings, folders.logs, folders.weights, folders.models, folders.index]
    assert all(place.is_relative_to(tmp_path) for place in places)
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("value", ["", "   "])
def test_an_empty_medview_home_counts_as_none(value: str) -> None:
    assert find_folders({"MEDVIEW_HOME": value}) == find_folders({})


def test_without_medview_home_nothing_lies_in_the_working_folder() -> None:
    folders = find_folders({})
    for place in (folders.settings, folders.logs, folders.weights, folders.models, folders.index):
        assert place.is_absolute()
        assert not place.is_relative_to(Path.cwd())


def test_a_tilde_in_medview_home_means_the_home_folder() -> None:
    assert find_folders({"MEDVIEW_HOME": "~/m"}).settings == Path.home() / "m"


def test_finding_folders_makes_none(tmp_path: Path) -> None:
    find_folders({"MEDVIEW_HOME": str(tmp_path / "home")})
    assert list(tmp_path.iterdir()) == []


@posix
def test_new_folders_are_closed_to_others_at_every_level(tmp_path: Path) -> None:
    made = make_private(tmp_path / "a" / "b" / "c")
    for place in (made, made.parent, made.parent.parent):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700


@posix
def test_a_folder_that_others_use_keeps_its_rights(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    make_private(shared)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o755


def test_a_file_in_the_way_is_named_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("")
    with pytest.raises(MedviewError) as caught:
        make_private(tmp_path / "logs")
    assert caught.value.code == "folder-not-writable"
    assert "logs" in caught.value.message
    assert str(tmp_path) not in caught.value.message
