"""Folders of workers are emptied and removed whatever was put into them or in their place."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from medview.core.errors import ModelError
from medview.host.call import run_model
from medview.host.fit import verdict
from medview.worker.blocks import Blocks
from medview.worker.folder import Folder
from medview.worker.structure import CodecError
from medview.worker.supervise.isolation import Isolation
from medview.worker.supervise.places import Places, sweep_after_crash
from medview.worker.supervise.removal import remove
from tests.fake_models import GOOD_RUN, PlainContext
from tests.unit.worker.conftest import LIMITS, hook, told_by

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and rights of POSIX")

FILES = ("thesis.docx", "h1", "w1")


@pytest.fixture
def precious(tmp_path) -> Path:
    """A folder of the user, with files that are named like arrays too."""
    folder = tmp_path / "precious"
    folder.mkdir()
    folder.chmod(0o755)
    for name in FILES:
        (folder / name).write_bytes(bytes(8))
    return folder


def is_whole(folder: Path) -> bool:
    assert folder.stat().st_mode & 0o777 == 0o755
    return sorted(path.name for path in folder.iterdir()) == sorted(FILES)


@pytest.fixture
def replaced(tmp_path, precious) -> tuple[Path, Path]:
    """A folder of arrays, and where it will lie once `precious` has its place."""
    folder = tmp_path / "arrays"
    folder.mkdir()
    return folder, tmp_path / "moved"


def put_link(folder: Path, moved: Path, target: Path) -> None:
    folder.rename(moved)
    folder.symlink_to(target)


def test_a_link_in_the_place_of_the_arrays_costs_no_file_of_its_target(replaced, precious):
    folder, moved = replaced
    blocks = Blocks(folder, "h")
    first, second = np.zeros(2, np.int32), np.ones(2, np.int32)
    first.flags.writeable = False
    blocks.lend(first)
    told = Blocks(folder, "w").put(second)
    put_link(folder, moved, precious)
    assert np.array_equal(blocks.take(told, 100), second)
    blocks.lend(second)
    blocks.put(second)
    blocks.clear()
    del first
    assert is_whole(precious)
    assert list(moved.iterdir()) == []


@pytest.fixture
def by_path(monkeypatch):
    """As on Windows, which cannot name what lies in an open folder."""
    monkeypatch.setattr("medview.worker.folder._BY_NUMBER", False)


def test_where_only_paths_are_had_a_link_in_the_place_of_the_arrays_is_refused(
    by_path, replaced, precious
):
    folder, moved = replaced
    blocks = Blocks(folder, "h")
    told = Blocks(folder, "w").put(np.ones(2, np.int32))
    put_link(folder, moved, precious)
    with pytest.raises(CodecError):
        blocks.take(told, 100)
    with pytest.raises(OSError, match="no folder"):
        blocks.put(np.ones(2, np.int32))
    blocks.clear()
    assert is_whole(precious)
    with pytest.raises(OSError, match="no folder"):
        Blocks(folder, "h")


def test_where_only_paths_are_had_arrays_cross_and_folders_are_removed(by_path, tmp_path, precious):
    top = tmp_path / "top"
    (top / "a" / "b" / "c").mkdir(parents=True)
    (top / "a" / "link").symlink_to(precious)
    (top / "a" / "read-only").touch(mode=0o400)
    blocks = Blocks(top, "h")
    assert np.array_equal(blocks.take(blocks.put(np.ones(2)), 100), np.ones(2))
    remove(top)
    assert not top.exists()
    assert is_whole(precious)


def test_a_folder_that_is_a_link_already_is_not_opened(tmp_path, precious):
    (tmp_path / "link").symlink_to(precious)
    with pytest.raises(OSError, match="link"):
        Blocks(tmp_path / "link", "h")


def test_a_model_that_puts_a_link_in_the_place_of_its_folder_changes_nothing(
    model, sagittal_ct, precious, leftovers
):
    body = f"""
import gc, os
from medview.worker.blocks import Blocks
(blocks,) = [each for each in gc.get_objects() if isinstance(each, Blocks)]
arrays = str(blocks._folder.path)
try:
    os.rename(arrays, arrays + "-moved")
    os.symlink({str(precious)!r}, arrays)
except OSError:
    pass  # kept from it by the system
return Findings(Measurements("m", (Quantity("done", "yes"),)))
"""
    handle = model(hook(body))
    assert told_by(handle, sagittal_ct) == "yes"
    assert is_whole(precious)


def test_places_with_links_in_their_stead_are_swept_and_the_targets_stay(precious):
    places = Places.make()
    for path in (places.arrays, places.home):
        (path / "left").write_text("x")
        put_link(path, path.with_name(path.name + "-moved"), precious)
    places.remove()
    assert is_whole(precious)
    for path in (places.arrays, places.home):
        assert not path.is_symlink()
        assert not path.with_name(path.name + "-moved").exists()


def test_a_folder_is_removed_however_deep_and_whatever_its_rights(tmp_path, precious):
    top = tmp_path / "top"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    for mode in (0o000, 0o500):
        closed = top / f"closed-{mode}"
        closed.mkdir()
        (closed / "inner").mkdir()
        (closed / "patient.npy").write_text("x")
        (closed / "inner" / "link").symlink_to(precious)
        (closed / "inner").chmod(mode)
        closed.chmod(mode)
    (top / "link").symlink_to(precious)
    os.mkfifo(top / "pipe")
    top.chmod(0o500)
    remove(top)
    assert not top.exists()
    assert is_whole(precious)


def test_a_link_is_removed_and_not_what_it_names(tmp_path, precious):
    link = tmp_path / "link"
    link.symlink_to(precious)
    remove(link)
    assert not link.is_symlink()
    assert is_whole(precious)


def test_entries_tell_of_links_and_not_of_their_targets(tmp_path, precious):
    (tmp_path / "link").symlink_to(precious)
    told = dict(Folder(tmp_path).entries())
    assert sorted(told) == ["link", "precious"]
    assert told["link"].st_ino == (tmp_path / "link").lstat().st_ino


def test_what_a_worker_puts_into_its_folder_is_weighed_and_what_was_lent_is_not(tmp_path):
    mine, theirs = Blocks(tmp_path, "h"), Blocks(tmp_path, "w")
    lent = np.zeros(1 << 20, np.uint8)
    mine.lend(lent)
    assert mine.foreign_bytes() < 1 << 16
    theirs.put(lent)
    assert mine.foreign_bytes() >= 1 << 20
    with (tmp_path / "h1").open("ab") as file:
        file.write(bytes(1 << 20))
    assert mine.foreign_bytes() >= 2 << 20


@pytest.mark.parametrize("deed", ["a folder", "many files"])
def test_a_folder_of_arrays_with_other_things_is_refused(tmp_path, deed):
    blocks = Blocks(tmp_path, "h")
    if deed == "a folder":
        (tmp_path / "cache").mkdir()
    else:
        for number in range(5000):
            (tmp_path / f"w{number}").touch()
    with pytest.raises(CodecError, match="other things"):
        blocks.foreign_bytes()


# ---- workers ------------------------------------------------------------------------------------


def test_a_model_that_nests_folders_ends_with_the_right_words_and_leaves_none(
    model, sagittal_ct, leftovers
):
    body = """
import os
os.chdir(os.path.expanduser("~"))
for n in range(1200):
    os.mkdir("d"); os.chdir("d")
os._exit(3)
"""
    handle = model(hook(body))
    handle.ensure_ready()
    start = time.monotonic()
    with pytest.raises(ModelError, match="exit code 3"):
        run_model(handle, sagittal_ct, None, PlainContext())
    assert time.monotonic() - start < 20
    assert leftovers.wait() == []


def test_what_still_runs_in_a_folder_of_an_application_that_died_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    stale = tmp_path / f"medview-worker-{gone.pid}-abc"
    (stale / "deep").mkdir(parents=True)
    stray = subprocess.Popen(
        [sys.executable, "-S", "-c", "import time; print(1, flush=True); time.sleep(60)"],
        stdout=subprocess.PIPE,
        env={"HOME": str(stale)},
    )
    assert stray.stdout is not None
    stray.stdout.readline()
    try:
        sweep_after_crash()
        assert stray.wait(5) == -9
        assert not stale.exists()
    finally:
        stray.kill()
        stray.wait()
        stray.stdout.close()


def test_the_start_of_the_application_sweeps_without_a_model(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    stale = tmp_path / f"medview-worker-{gone.pid}-abc"
    stale.mkdir()
    made = Isolation(tmp_path / "cards", limits=LIMITS)
    deadline = time.monotonic() + 5
    while stale.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    made.close()
    assert not stale.exists()


def test_a_full_disk_makes_a_model_broken_and_not_the_catalogue(
    model, described, monkeypatch, leftovers
):
    ready = model(GOOD_RUN, model="ready", distribution="fake-ready")
    ready.ensure_ready()
    handle = model(GOOD_RUN)

    def full(*_args: object, **_options: object) -> str:
        raise OSError(28, "No space left on device", "/home/someone")

    with monkeypatch.context() as patched:
        patched.setattr("tempfile.mkdtemp", full)
        handle.ensure_ready()
        judged = verdict(ready, described)
    assert handle.state == "broken"
    assert "cannot be started (No space left on device)" in handle.reason
    assert judged.fit == "unfit"
    assert "No space left on device" in judged.reasons[-1]
    assert verdict(ready, described).fit == "fit"
