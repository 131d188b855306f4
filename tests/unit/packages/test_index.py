"""Installing by name from a package index, where decoys wait."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import sys
import threading
from pathlib import Path
from typing import ClassVar

import psutil
import pytest

from medview.host.hashing import sha256_of
from medview.host.packages.errors import PackageError
from medview.host.packages.pip import run_pip
from medview.host.packages.places import Places
from medview.host.packages.rebuild import own_wheel
from tests.unit.packages.wheels import model_wheel, source_folder, wheel

DECOY = "raise SystemExit('the other project was imported')\n"


class Quiet(http.server.SimpleHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


class Index:
    """A simple index (PEP 503) of a folder, on this computer."""

    def __init__(self, root: Path) -> None:
        self._root = root
        Quiet.asked = []
        handler = functools.partial(Quiet, directory=str(root))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/simple"

    @property
    def asked(self) -> list[str]:
        return Quiet.asked

    def put(self, name: str, *wheels: Path) -> None:
        folder = self._root / "simple" / name
        folder.mkdir(parents=True, exist_ok=True)
        links = ""
        for path in wheels:
            path.rename(folder / path.name)
            digest = sha256_of(folder / path.name)
            links += f'<a href="{path.name}#sha256={digest}">{path.name}</a>\n'
        (folder / "index.html").write_text(f"<html><body>{links}</body></html>", "utf-8")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def index(tmp_path, monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    made = Index(tmp_path / "index")
    # On it lies what must never come from it.
    for name in ("medview", "medview-imaging"):
        files = {"medview/__init__.py": DECOY}
        made.put(name, *(wheel(tmp_path, name, v, files=files) for v in ("0.1.0", "99.0")))
    yield made
    made.close()


def test_a_model_is_installed_by_name_and_only_what_is_missing_is_fetched(
    medview, index, store, tmp_path
):
    index.put("by-name", model_wheel(tmp_path, "by-name", requires=["medview-imaging", "ext-lib"]))
    index.put("ext-lib", wheel(tmp_path, "ext-lib", "1.0"), wheel(tmp_path, "ext-lib", "2.0"))
    ended = medview("plugins", "install", "by-name", "--index-url", index.url)
    assert ended.code == 2
    assert "For tests. Not for diagnosis." in ended.err
    assert not any("ext-lib" in path for path in index.asked)
    ended = medview("plugins", "install", "by-name", "--index-url", index.url, "--yes", "--json")
    assert ended.code == 0, ended.err
    current = store.index().packages["by-name"].current
    locked = {item.name: (item.version, item.origin) for item in current.locked}
    assert locked == {"by-name": ("1.0", "offered"), "ext-lib": ("2.0", "index")}
    assert not any(path.endswith(".whl") and "medview" in path for path in index.asked)
    assert json.loads(ended.out)["models"][0]["state"] == "ready"


def test_a_complete_set_takes_medview_from_the_application_whatever_the_index_has(
    add, index, store, tmp_path
):
    index.put("platformdirs", wheel(tmp_path, "platformdirs", "999.0"))
    asked = ["medview-imaging", "platformdirs==999.0"]
    made = add(
        model_wheel(tmp_path, "tempted", requires=asked),
        places=Places(online=True, index_url=index.url),
    )
    assert made.complete
    (ours,) = (item for item in made.locked if item.name == "medview-imaging")
    assert ours.origin == "medview"
    assert ours.sha256 == sha256_of(own_wheel(tmp_path / "own"))
    assert "medview" not in {item.name for item in made.locked}
    assert DECOY not in (store.site(made.id) / "medview" / "__init__.py").read_text("utf-8")
    assert not any(path.endswith(".whl") and "/medview" in path for path in index.asked)


def test_the_decoy_itself_is_refused_by_name(medview, index, store):
    for name in ("medview", "medview-imaging", "medview-imaging==99.0"):
        ended = medview("plugins", "install", name, "--index-url", index.url, "--yes")
        assert ended.code == 5
        assert "comes with medview" in ended.err or "another project" in ended.err
    assert index.asked == []
    assert store.index().packages == {}


@pytest.mark.parametrize("asked", ["medview", "ext-lib", "newer-ours"])
def test_a_decoy_is_not_taken_from_an_index_for_what_a_build_needs(
    add, index, store, tmp_path, asked
):
    index.put("ext-lib", wheel(tmp_path, "ext-lib", requires=["medview"]))
    index.put("newer-ours", wheel(tmp_path, "newer-ours", requires=["medview-imaging>=99"]))
    folder = source_folder(tmp_path / "built", "built-so", build_requires=f'"hatchling", "{asked}"')
    with pytest.raises(PackageError) as caught:
        add(folder, places=Places(online=True, index_url=index.url))
    assert caught.value.code == "package-decoy"
    assert store.index().packages == {}


def test_a_decoy_is_not_taken_from_an_index_for_what_a_dependency_needs(
    add, index, store, tmp_path
):
    index.put("ext-lib", wheel(tmp_path, "ext-lib", requires=["medview"]))
    with pytest.raises(PackageError) as caught:
        add(
            model_wheel(tmp_path, "needs-it", requires=["ext-lib"]),
            places=Places(online=True, index_url=index.url),
        )
    assert caught.value.code == "package-decoy"
    assert store.index().packages == {}


def test_what_a_build_needs_is_fetched_from_the_index_as_a_wheel(add, index, tmp_path):
    index.put("build-helper", wheel(tmp_path, "build-helper", files={"build_helper.py": ""}))
    folder = source_folder(
        tmp_path / "helped", "helped", backend="own_backend", extra='backend-path = ["."]',
        build_requires='"hatchling", "build-helper"',
    )  # fmt: skip
    backend = "import build_helper\nfrom hatchling.build import *\n"
    (folder / "own_backend.py").write_text(backend, "utf-8")
    assert add(folder, places=Places(online=True, index_url=index.url)).distribution == "helped"
    assert any(path.endswith(".whl") and "build_helper" in path for path in index.asked)


def test_offline_nothing_is_fetched_from_an_address_either(add, index, store, tmp_path):
    house = tmp_path / "house"
    index.put("far", wheel(tmp_path, "far"))
    address = f"{index.url}/far/far-1.0-py3-none-any.whl"
    wheel(house, "ext-lib", requires=[f"far @ {address}"])
    folder = source_folder(
        tmp_path / "built", "built-so", build_requires=f'"hatchling", "far @ {address}"'
    )
    with pytest.raises(PackageError):
        add(model_wheel(tmp_path, "reaches", requires=["ext-lib"]), house)
    with pytest.raises(PackageError):
        add(folder)
    assert index.asked == []
    assert store.index().packages == {}


@pytest.mark.skipif(sys.platform == "win32", reason="other users see no command lines there")
def test_a_password_of_an_index_is_on_no_command_line(index, tmp_path):
    index.put("by-name", model_wheel(tmp_path, "by-name"))
    scratch, lines = tmp_path / "scratch", set()
    scratch.mkdir()

    def look(*_: object) -> None:
        for child in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                lines.add(" ".join(child.cmdline()))

    places = Places(online=True, index_url=index.url.replace("//", "//someone:hunter2@"))
    wanted = ["download", "--no-deps", "--dest", str(tmp_path / "got"), "by-name"]
    run_pip(wanted, places=places, scratch=scratch, progress=look)
    assert list((tmp_path / "got").glob("*.whl"))
    assert any("pip_child" in line for line in lines)
    assert not any("hunter2" in line for line in lines)


def test_offline_asks_no_index(medview, index, tmp_path):
    ended = medview("plugins", "install", "by-name", "--index-url", index.url, "--offline", "--yes")
    assert ended.code == 5
    assert index.asked == []
