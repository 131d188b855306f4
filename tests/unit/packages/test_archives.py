"""Zip archives of strangers: what one system reads otherwise than another is refused."""

from __future__ import annotations

import shutil
import struct
import zipfile
from pathlib import Path

import pytest

from medview.host.packages.archive import opened
from medview.host.packages.errors import PackageError
from medview.host.packages.installer import prepared
from medview.host.packages.places import Places
from tests.unit.packages.wheels import source_folder


@pytest.mark.parametrize(
    "name",
    [
        "a\\b.py", "a:b.py", "nul.txt", "COM1", "trailing.", "trailing ", "\x1b[2J.py", "n" * 250,
        "CONIN$", "conout$.txt", "clock$", "COM\u00b9.txt", "lpt\u00b2", "nul .txt", "aux .py",
        "a/CON.tar.gz/b.py",
    ],
)  # fmt: skip
def test_names_that_systems_read_differently_are_refused(tmp_path, name):
    path = tmp_path / "names.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pyproject.toml", "[project]\nname='x'\n")
        info = zipfile.ZipInfo("x")
        info.filename = name
        archive.writestr(info, "x")
    with pytest.raises(PackageError, match="refused"), prepared(str(path), Places()):
        pass


def test_names_that_one_system_takes_for_one_file_are_refused(tmp_path):
    path = tmp_path / "twins.zip"
    for twins in (("\u00e9.py", "e\u0301.py"), ("A/b.py", "a/B.py"), ("stra\u00dfe", "STRASSE")):
        with zipfile.ZipFile(path, "w") as archive:
            for name in ("pyproject.toml", *twins):
                archive.writestr(name, "")
        with pytest.raises(PackageError, match="there twice"), opened(path):
            pass


def test_names_that_only_look_like_devices_are_none(tmp_path):
    path = tmp_path / "plain.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("console.py", "com.py", "com10.py", "auxiliary", "nullable.py", "lpt"):
            archive.writestr(name, "")
    with opened(path) as archive:
        assert len(archive.infolist()) == 6


def test_a_file_that_is_a_folder_too_is_refused_without_a_traceback(tmp_path):
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pyproject.toml", "[project]\nname='x'\n")
        archive.writestr("a", "file")
        archive.writestr("a/b", "inside")
    with pytest.raises(PackageError), prepared(str(path), Places()):
        pass


def test_a_list_of_members_that_would_fill_the_memory_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "list.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pyproject.toml", "")
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, len(content) - 22 + 12, 200 << 20)
    path.write_bytes(content)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *a: pytest.fail("the list was read"))
    with pytest.raises(PackageError, match="members"), opened(path):
        pass


def test_what_no_disk_has_room_for_is_not_unpacked(tmp_path, monkeypatch):
    path = Path(
        shutil.make_archive(
            str(tmp_path / "top"), "zip", source_folder(tmp_path / "project", "project")
        )
    )
    usage = shutil._ntuple_diskusage(100, 100, 0)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(PackageError) as caught, prepared(str(path), Places()):
        pass
    assert caught.value.code == "disk-full"
