"""Terms are read from static files: no code of a package runs before anyone agrees."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from medview.app.controllers.packages.install import converters
from medview.core.errors import UsageError
from medview.host.hashing import sha256_of
from medview.host.packages.errors import PackageError
from medview.host.packages.installer import install, prepared
from medview.host.packages.places import Places
from medview.host.packages.sources import recognise
from tests.unit.packages.wheels import hooks, model_wheel, source_folder

BACKEND = """
import os, pathlib
pathlib.Path({marker!r}).write_text(repr(dict(os.environ)))
from hatchling.build import *
"""


@pytest.fixture
def marked(tmp_path) -> tuple[Path, Path]:
    """A source folder whose backend, setup.py and module each leave a marker, and the marker."""
    marker = tmp_path / "marker"
    # Once installed it may not write there, which is no reason to fail.
    spoken = (
        "import contextlib, pathlib\nwith contextlib.suppress(OSError):\n"
        f"    pathlib.Path({str(marker)!r}).write_text('it ran')\n"
    )
    folder = source_folder(
        tmp_path / "marked",
        "marked",
        backend="own_backend",
        extra='backend-path = ["."]',
        marker=spoken,
    )
    (folder / "own_backend.py").write_text(BACKEND.format(marker=str(marker)), "utf-8")
    (folder / "setup.py").write_text(spoken, "utf-8")
    return folder, marker


@pytest.mark.parametrize("as_zip", [False, True])
def test_nothing_of_a_package_runs_before_the_yes_and_its_terms_are_known(
    medview, store, marked, tmp_path, as_zip, monkeypatch
):
    monkeypatch.setenv("SOME_API_TOKEN", "hunter2")
    folder, marker = marked
    if as_zip:
        folder = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", folder))
    ended = medview("plugins", "install", folder)
    assert ended.code == 2
    for told in ("For tests. Not for diagnosis.", "Apache-2.0", "The testers", "SHA-256", "MIT"):
        assert told in ended.err
    assert not marker.exists()
    assert store.index().packages == {}
    # It is the yes that lets the build run: the marker works.
    assert medview("plugins", "install", folder, "--yes").code == 0
    assert marker.exists()
    # What builds it learns no secret of the session.
    assert "hunter2" not in marker.read_text("utf-8")


def test_a_wheel_tells_its_terms_without_being_imported(tmp_path):
    path = model_wheel(tmp_path, "quiet", text="raise SystemExit('it was imported')\n")
    with prepared(str(path), Places()) as chosen:
        (model,) = chosen.offer.models
    assert (model.id, model.publisher, model.weights_licence) == ("quiet", "The testers", "none")
    assert chosen.offer.licence == "MIT"
    assert chosen.offer.warnings == ()


def test_a_package_without_a_card_is_told_as_such(tmp_path):
    path = model_wheel(tmp_path, "mute", with_card=False)
    with prepared(str(path), Places()) as chosen:
        assert "says nothing of itself" in chosen.offer.warnings[0]


def test_each_kind_of_thing_is_recognised(tmp_path):
    folder = source_folder(tmp_path / "project", "project")
    inside = Path(shutil.make_archive(str(tmp_path / "top"), "zip", tmp_path, "project"))
    bundle = tmp_path / "bundle"
    (bundle / "configs").mkdir(parents=True)
    (bundle / "configs" / "metadata.json").write_text("{}", "utf-8")
    assert recognise(str(model_wheel(tmp_path, "a"))).kind == "wheel"
    assert recognise(str(folder)).kind == "folder"
    assert (recognise(str(inside)).kind, recognise(str(inside)).root) == ("zip", "project/")
    assert recognise(str(bundle)).kind == "bundle"
    assert recognise("some-model==1.0").kind == "index"
    with pytest.raises(UsageError):
        recognise("./absent.whl")


def test_a_file_that_is_no_package_is_never_looked_for_on_an_index(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("no package", "utf-8")
    with pytest.raises(PackageError, match=r"'notes\.txt' is none of what can be installed"):
        recognise("notes.txt")


def test_a_name_is_not_taken_for_a_folder_that_cannot_be_installed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "some-model").mkdir()
    assert recognise("some-model").kind == "index"
    with pytest.raises(PackageError, match="none of what can be installed"):
        recognise("./some-model", converters())


@pytest.mark.parametrize("name", ["../evil.py", "/evil.py", "a/../../evil.py", "C:evil.py"])
def test_a_zip_that_would_write_elsewhere_is_refused(tmp_path, name):
    path = tmp_path / "slip.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pyproject.toml", "[project]\nname='x'\n")
        archive.writestr(name, "evil")
    with pytest.raises(PackageError, match="refused"), prepared(str(path), Places()):
        pass


def test_a_link_in_a_zip_is_refused(tmp_path):
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pyproject.toml", "[project]\nname='x'\n")
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(PackageError, match="link"), prepared(str(path), Places()):
        pass


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pyproject.toml", "[project]\nname='x'\n")
        archive.writestr("zeros", bytes(200 << 20))
    with pytest.raises(PackageError, match="unreasonable size"), prepared(str(path), Places()):
        pass


def test_what_was_shown_is_installed_whatever_becomes_of_the_folder_meanwhile(
    tmp_path, store, folders
):
    folder = source_folder(tmp_path / "moving", "moving")
    shown = (folder / "src" / "moving" / "__init__.py").read_bytes()
    with prepared(str(folder), Places()) as chosen:
        (folder / "src" / "moving" / "__init__.py").write_text("raise SystemExit\n", "utf-8")
        (folder / "src" / "moving" / "more.py").write_text("VALUE = 1\n", "utf-8")
        made = install(chosen, store, lambda generation: None)
    site = store.site(made.id) / "moving"
    assert (site / "__init__.py").read_bytes() == shown
    assert not (site / "more.py").exists()


@pytest.mark.parametrize("kind", ["wheel", "zip", "pack"])
def test_what_was_shown_is_installed_whatever_becomes_of_the_file_meanwhile(tmp_path, store, kind):
    from medview.host.packages.pack import write_pack

    path = model_wheel(tmp_path, "moving")
    if kind == "zip":
        folder = source_folder(tmp_path / "moving", "moving")
        path = Path(shutil.make_archive(str(tmp_path / "moving"), "zip", folder))
    if kind == "pack":
        wheel, path = path, tmp_path / "pack.zip"
        write_pack(path, [wheel], [], python="3.11", platform="any", shared=())
    with prepared(str(path), Places()) as chosen:
        assert chosen.offer.sha256 == sha256_of(path)
        path.write_bytes(b"something else")
        made = install(chosen, store, lambda generation: None)
    assert (store.site(made.id) / "moving" / "__init__.py").read_text("utf-8") == hooks("moving")


def test_nothing_of_a_wheel_or_a_pack_runs_before_the_yes(medview, store, tmp_path):
    from medview.host.packages.pack import write_pack

    marker = tmp_path / "marker"
    spoken = f"import pathlib; pathlib.Path({str(marker)!r}).write_text('it ran')\n"
    extra = dict.fromkeys(("conftest.py", "setup.py", "early.pth", "build/x.py"), spoken)
    text = spoken + hooks("spoken")
    path = model_wheel(tmp_path, "spoken", text=text, extra=extra)
    pack = tmp_path / "pack.zip"
    write_pack(pack, [path], [], python="3.11", platform="any", shared=())
    for asked in (path, pack):
        ended = medview("plugins", "install", asked)
        assert ended.code == 2
        assert "For tests. Not for diagnosis." in ended.err
    assert not marker.exists()
    assert store.index().packages == {}
    exec(spoken)  # noqa: S102  the marker works
    assert marker.exists()
