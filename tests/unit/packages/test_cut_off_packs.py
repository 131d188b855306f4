"""A real installation, with pip, models and weights, that is killed at any of its stages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from medview.host.packages.scratch import sweep_claimed
from tests.unit.packages.test_brought_weights import pack_of

CUT_OFF = """
import os, sys
from medview.app.controllers.models import open_isolation
from medview.app.controllers.packages.install import install_package, looked_at
from medview.config.paths import find_folders
from medview.host.packages import installer
from medview.host.packages.places import Places
from medview.host.packages.store import PackageStore
pack, fatal = sys.argv[1:]

def place_weights(pack, folder):
    placed(pack, folder)
    if fatal == "weights":
        os._exit(9)

def progress(fraction, stage):
    if stage.startswith(fatal):
        os._exit(9)

placed, installer.place_weights = installer.place_weights, place_weights
folders = find_folders(os.environ)
with looked_at(pack, Places()) as chosen:
    install_package(chosen, PackageStore(folders.models), open_isolation(folders), progress)
print("whole")
"""


@pytest.mark.parametrize("stage", ["Resolving", "weights", "Describing"])
def test_a_pack_whose_installation_is_killed_leaves_nothing_of_it_once_swept(
    store, folders, tmp_path, monkeypatch, stage
):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    pack = pack_of(tmp_path / "pack", "heavy", b"weights of it")
    ended = subprocess.run(
        [sys.executable, "-c", CUT_OFF, str(pack), stage],
        capture_output=True, text=True, cwd=Path(__file__).parents[3], check=False,
    )  # fmt: skip
    assert ended.returncode == 9, ended.stderr
    assert store.index().packages == {}
    assert not folders.weights.exists()
    store.sweep()
    for parent in ("staging", "generations", "claims"):
        there = folders.models / parent
        assert not there.exists() or list(there.iterdir()) == []
    sweep_claimed(tmp_path / "temporary", "medview-package-")
    assert list((tmp_path / "temporary").glob("medview-package-*")) == []
