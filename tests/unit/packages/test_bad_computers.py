"""Packages on a computer in a bad way: no room, no right to write, leftovers of a crash."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys

import pytest

from medview.core.errors import MedviewError
from medview.host.packages.scratch import scratch_folder
from tests.unit.packages.placing import place
from tests.unit.packages.wheels import model_wheel

COMMANDS = (
    ("enable", "lung-segmentation"),
    ("disable", "lung-segmentation"),
    ("remove", "bone"),
    ("rollback", "bone"),
    ("doctor", "--repair"),
)


@pytest.mark.parametrize("command", [("install",), *COMMANDS[:2]], ids=lambda c: c[0])
def test_folders_that_cannot_be_made_are_told_of(medview, tmp_path, monkeypatch, command):
    path = model_wheel(tmp_path, "homeless")
    monkeypatch.setenv("MEDVIEW_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "models").write_text("no folder", "utf-8")
    ended = medview("plugins", *(command if len(command) > 1 else ("install", path, "--yes")))
    assert ended.code == 5
    assert "defect" not in ended.err
    assert "Not a directory" in ended.err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
def test_a_disk_that_takes_no_change_is_told_of(medview, store, tmp_path, command):
    bone = place(store, model_wheel(tmp_path, "bone"))
    lock = store.index_file.parent / "lock"
    lock.unlink()
    lock.mkdir()
    ended = medview("plugins", *command)
    assert ended.code == 5
    assert "Changing the installed models failed: Is a directory." in ended.err
    assert store.site(bone.id).is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files")
def test_a_full_disk_ends_an_installation_in_a_sentence_and_leaves_the_former(tmp_path, medview):
    assert medview("plugins", "install", model_wheel(tmp_path, "tight"), "--yes").code == 0
    large = {"tight/large.bin": os.urandom(3 << 20)}
    path = model_wheel(tmp_path / "second", "tight", "2.0", extra=large)
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20));"
        "from medview.app.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, "plugins", "install", str(path), "--yes", "--offline"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert ended.returncode == 5, ended.stderr
    assert "defect" not in ended.stderr
    assert "Traceback" not in ended.stderr
    assert '"tight"' in medview("plugins", "list", "--json").out
    assert json.loads(medview("plugins", "show", "tight", "--json").out)["version"] == "1.0"


def test_temporary_folders_of_a_process_that_was_killed_are_swept(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code = (
        "import os, sys, tempfile; tempfile.tempdir = sys.argv[1];"
        "from medview.host.packages.scratch import scratch_folder;"
        "made = scratch_folder(); (made.__enter__() / 'large').mkdir(mode=0o500); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    (stale,) = (path for path in tmp_path.iterdir() if path.is_dir())
    with scratch_folder() as mine:
        assert not stale.exists()
        assert stat.S_IMODE(mine.stat().st_mode) == 0o700
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_folder_that_is_in_use_stays_whatever_number_its_process_has(
    tmp_path, monkeypatch
):
    """Processes of another container have numbers that say nothing here."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    monkeypatch.setattr("os.getpid", lambda: gone.pid)
    with scratch_folder() as theirs:
        monkeypatch.undo()
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        with scratch_folder() as mine:
            assert theirs.is_dir()
            assert mine != theirs
    assert list(tmp_path.iterdir()) == []


def test_temporary_folders_of_others_and_links_are_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    target = tmp_path / "target"
    target.mkdir()
    link = tmp_path / "medview-package-link"
    link.symlink_to(target)
    claim = tmp_path / "medview-package-other.claim"
    claim.symlink_to(tmp_path / "never-made")
    with scratch_folder():
        pass
    assert link.is_symlink()
    assert target.is_dir()
    assert not (tmp_path / "never-made").exists()


def test_what_a_check_was_cut_off_in_is_swept_by_the_next_installation(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    wheel = model_wheel(tmp_path / "wheels", "checked")
    code = (
        "import os, sys, tempfile; tempfile.tempdir = sys.argv[1];"
        "from medview.app.controllers.packages.install import looked_at;"
        "from medview.app.controllers.packages.staged import staged;"
        "from medview.host.packages.places import Places;"
        "looked = looked_at(sys.argv[2], Places()); checked = staged(looked.__enter__());"
        "checked.__enter__(); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path), str(wheel)], check=False)
    assert any(path.name == "site" for path in tmp_path.rglob("*"))
    with scratch_folder():
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["wheels"]


def test_an_index_of_tomorrow_or_without_sense_stops_no_start(store, medview):
    for text in ('{"schema": "medview.packages/9"}', "[]", "[" * 9999, '{"packages": 3}', "\0"):
        store._folder.mkdir(parents=True, exist_ok=True)
        store.index_file.write_text(text, "utf-8")
        with pytest.raises(MedviewError):
            store.index()
        assert medview("models", "--json").code == 0
