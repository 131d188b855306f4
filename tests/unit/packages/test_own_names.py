"""Nobody takes a name of medview's: not a package, what it needs, or what it is built with."""

from __future__ import annotations

import importlib.util
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medview import __version__
from medview.core.progress import ignore_progress
from medview.host.hashing import sha256_of
from medview.host.packages import names
from medview.host.packages.errors import PackageError
from medview.host.packages.installer import install, prepared
from medview.host.packages.pip import run_pip
from medview.host.packages.places import Places
from medview.host.packages.rebuild import own_wheel
from medview.host.packages.records import Locked
from medview.host.packages.resolve import Pin, Plan
from medview.host.packages.stage import install_into, require_harmless_wheel
from tests.unit.packages.wheels import card, hooks, model_wheel, source_folder, wheel

NEEDS_HELPER = """
import build_helper
from hatchling.build import *
"""


def pin(path: Path, name: str, origin: str) -> Pin:
    return Pin(Locked(name, "1.0", sha256_of(path), origin), path.as_uri())


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Path:
    """The wheel of the running medview."""
    return own_wheel(tmp_path_factory.mktemp("own"))


@pytest.fixture
def fill(tmp_path):
    """Installs wheels into a folder, as a complete set is."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def call(*pins: Pin) -> Path:
        site = tmp_path / "site"
        install_into(site, Plan(pins, True, (), Places()), scratch, ignore_progress)
        return site

    return call


# ---- names of packages --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("Medview_Imaging", __version__),
        ("medview.imaging", __version__),
        ("MEDVIEW", __version__),
        ("medview", "99.0"),
        ("numpy", np.__version__),
        ("NumPy", "99.0"),
    ],
)
def test_no_package_has_a_name_of_what_the_application_ships(
    tmp_path, store, monkeypatch, name, version
):
    # As in an installation from wheels, where pip takes what is installed for the package.
    monkeypatch.setattr(names, "is_editable", lambda installed: False)
    monkeypatch.setattr(
        "medview.host.packages.pip.subprocess.Popen", lambda *a, **k: pytest.fail("pip was run")
    )
    files = {"other/__init__.py": hooks("other"), "other/medview_card.json": card("other")}
    path = wheel(tmp_path, name, version, files=files, entries={"other": "other"})
    with pytest.raises(PackageError) as caught, prepared(str(path), Places()) as chosen:
        install(chosen, store, lambda generation: None)
    assert caught.value.code in ("package-decoy", "package-ships")
    assert store.index().packages == {}


def test_an_author_may_install_a_model_that_is_in_this_environment_too(monkeypatch):
    monkeypatch.setattr(names, "is_editable", lambda installed: False)
    names.require_free_name("medview-lung-segmentation")  # brings models; refused as first party
    with pytest.raises(PackageError):
        names.require_free_name("pluggy")


# ---- what a package needs -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "member",
    [
        "medview/worker/confine.py",
        "medview/extra.py",
        "Medview/worker/confine.py",
        "medview/worker/__pycache__/confine.cpython-311.pyc",
        "medview.py",
        "aaa_evil-1.0.data/purelib/medview/worker/confine.py",
        "aaa_evil-1.0.data/platlib/MEDVIEW/worker/confine.py",
        "aaa_evil-1.0.data/data/medview/worker/confine.py",
        "aaa_evil-1.0.data/data/lib/python/medview/worker/confine.py",
        "\uff4dedview/worker/confine.py",
        "CTypes/__init__.py",
    ],
)
def test_a_dependency_that_brings_a_part_of_medview_is_refused_before_pip_unpacks_anything(
    tmp_path, fill, own, member
):
    evil = wheel(tmp_path, "aaa-evil", files={"aaa_evil.py": "", member: "VALUE = 1\n"})
    with pytest.raises(PackageError) as caught:
        fill(pin(evil, "aaa-evil", "file"), pin(own, "medview-imaging", "medview"))
    assert caught.value.code == "package-shadows"
    assert not (tmp_path / "site").exists()


def test_medview_in_a_complete_set_is_file_by_file_the_one_that_runs(tmp_path, fill, own):
    site = fill(
        pin(wheel(tmp_path, "aaa-other"), "aaa-other", "file"),
        pin(own, "medview-imaging", "medview"),
    )
    with zipfile.ZipFile(own) as archive:
        ours = {n: archive.read(n) for n in archive.namelist() if n.startswith("medview/")}
    there = {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in (site / "medview").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert there == ours
    compiled = site / "medview" / "worker" / "__pycache__"
    for path in compiled.iterdir():
        # Flags of a .pyc (PEP 552): its source's hash is inside, and is checked at each import.
        assert int.from_bytes(path.read_bytes()[4:8], "little") == 0b11
        assert Path(importlib.util.source_from_cache(str(path))).is_file()
    assert list(compiled.glob("confine.*.pyc"))


def test_a_file_of_medview_that_was_changed_while_it_was_installed_is_seen(
    tmp_path, fill, own, monkeypatch
):
    def run_and_change(arguments: list[str], **options: Any) -> None:
        run_pip(arguments, **options)
        path = tmp_path / "site" / "medview" / "worker" / "confine.py"
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")

    monkeypatch.setattr("medview.host.packages.stage.run_pip", run_and_change)
    with pytest.raises(PackageError, match="changes files of medview"):
        fill(pin(own, "medview-imaging", "medview"))


def test_only_the_wheel_of_the_running_files_may_bring_medview(own):
    assert require_harmless_wheel(own, is_own=True) > 0
    with pytest.raises(PackageError):
        require_harmless_wheel(own)


def test_a_dependency_whose_record_lies_is_refused(add, store, tmp_path):
    house = tmp_path / "house"
    path = wheel(house, "ext-lib")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("ext_lib_more.py", "VALUE = 1\n")
    with pytest.raises(PackageError) as caught:
        add(model_wheel(tmp_path, "trusting", requires=["ext-lib"]), house)
    assert caught.value.code == "package-record"
    assert store.index().packages == {}


def test_what_there_is_no_room_for_is_not_begun(tmp_path, fill, monkeypatch):
    path = wheel(tmp_path, "wide", files={"wide.py": "#" * 5000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(100, 0, 4999))
    with pytest.raises(PackageError) as caught:
        fill(pin(path, "wide", "file"))
    assert caught.value.code == "disk-full"


def test_a_file_that_is_not_the_one_that_was_resolved_is_not_installed(tmp_path, fill):
    path = wheel(tmp_path, "swapped")
    resolved = pin(path, "swapped", "file")
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(PackageError) as caught:
        fill(resolved)
    assert caught.value.code == "package-changed"


# ---- what a package is built with ---------------------------------------------------------------


def test_what_a_build_needs_comes_as_a_wheel_from_the_places(add, tmp_path):
    house = tmp_path / "house"
    wheel(house, "build-helper", files={"build_helper.py": ""})
    folder = source_folder(
        tmp_path / "helped", "helped",
        backend="own_backend", extra='backend-path = ["."]',
        build_requires='"hatchling>=1.27", "build-helper"',
    )  # fmt: skip
    (folder / "own_backend.py").write_text(NEEDS_HELPER, "utf-8")
    with pytest.raises(PackageError, match="build-helper") as caught:
        add(folder)
    assert caught.value.code == "package-unresolved"
    made = add(folder, house)
    assert [item.name for item in made.locked] == ["helped"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("medview", "package-decoy"),
        ("MedView>=3", "package-decoy"),
        ("medview-imaging>=99", "package-other-medview"),
        (
            "hatchling @ https://example.org/hatchling-9-py3-none-any.whl",
            "package-direct-reference",
        ),
        ("x @ git+https://example.org/x.git", "package-direct-reference"),
        ("ext-lib", "package-decoy"),
        ("wants-ours", "package-decoy"),
        ("shadows", "package-shadows"),
    ],
)
def test_a_build_brings_no_other_medview_and_nothing_from_an_address(
    add, store, tmp_path, asked, code
):
    marker, house = tmp_path / "marker", tmp_path / "house"
    wheel(house, "medview", "3.0", files={"medview/__init__.py": "VALUE = 1\n"})
    wheel(house, "medview-imaging", "99.0", files={"medview/__init__.py": "VALUE = 1\n"})
    wheel(house, "ext-lib", requires=["medview"])
    wheel(house, "wants-ours", requires=["medview-imaging>=99"])
    wheel(house, "shadows", files={"tomllib.py": ""})
    folder = source_folder(
        tmp_path / "built", "built", backend="own_backend", extra='backend-path = ["."]',
        build_requires=f'"hatchling>=1.27", "{asked}"',
    )  # fmt: skip
    (folder / "own_backend.py").write_text(f"open({str(marker)!r}, 'w').close()\n", "utf-8")
    with pytest.raises(PackageError) as caught:
        add(folder, house)
    assert caught.value.code == code
    assert not marker.exists()
    assert store.index().packages == {}


def test_sources_are_never_built_because_a_package_or_its_build_needs_them(add, tmp_path):
    import tarfile

    marker, house = tmp_path / "marker", tmp_path / "house"
    folder = tmp_path / "sources-1.0"
    folder.mkdir()
    (folder / "setup.py").write_text(f"open({str(marker)!r}, 'w').close()\n", "utf-8")
    (folder / "PKG-INFO").write_text(
        "Metadata-Version: 2.1\nName: sources\nVersion: 1.0\n", "utf-8"
    )
    house.mkdir()
    archive = house / "sources-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(folder, folder.name)
    wheel(house, "points-there", requires=[f"sources @ {archive.as_uri()}"])
    for asked in ("sources", "points-there"):
        with pytest.raises(PackageError):
            add(model_wheel(tmp_path / asked, "needs-them", requires=[asked]), house)
        built = source_folder(
            tmp_path / f"{asked}-built", "built-so", build_requires=f'"hatchling", "{asked}"'
        )
        with pytest.raises(PackageError):
            add(built, house)
    assert not marker.exists()
