"""What tests of installed packages need: a person's folders, and the command line on them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from medview.app.cli import main
from medview.app.cli.environment import Environment
from medview.app.controllers.models import open_isolation
from medview.app.controllers.packages.install import install_package, looked_at
from medview.config.paths import find_folders
from medview.host.packages.places import Places
from medview.host.packages.records import Generation
from medview.host.packages.store import PackageStore


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def folders(medview_home):
    return find_folders(os.environ)


@pytest.fixture
def store(folders) -> PackageStore:
    return PackageStore(folders.models)


@pytest.fixture
def add(folders, store):
    """Agrees to a package and installs it, offline, from these folders of wheels."""

    def install(path: Path | str, *wheelhouses: Path, places: Places | None = None) -> Generation:
        isolation = open_isolation(folders)
        try:
            with looked_at(str(path), places or Places().with_folders(wheelhouses)) as chosen:
                return install_package(chosen, store, isolation)
        finally:
            isolation.close()

    return install


@pytest.fixture
def medview(medview_home, capsys, monkeypatch):
    """Runs ``medview`` in this process; pip of this machine is set up with nothing."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    def call(*args: object) -> Ended:
        capsys.readouterr()
        code = main([str(arg) for arg in args], Environment(dict(os.environ)))
        told = capsys.readouterr()
        return Ended(code, told.out, told.err)

    return call
