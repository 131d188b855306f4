"""What pip is set up with here is read as pip reads it, and runs nothing of a stranger's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from medview.host.packages.errors import PackageError
from medview.host.packages.pip_settings import configured_places, places_of_configuration
from tests.unit.packages.wheels import model_wheel, source_folder


@pytest.fixture
def hostile(tmp_path, monkeypatch) -> Path:
    """A working folder whose modules leave a marker when they are imported; gives the marker."""
    folder, marker = tmp_path / "hostile", tmp_path / "marker"
    folder.mkdir()
    for name in (
        "pip",
        "configparser",
        "runpy",
        "logging",
        "sitecustomize",
        "medview",
        "hatchling",
    ):
        (folder / f"{name}.py").write_text(f"open({str(marker)!r}, 'w').write('it ran')\n", "utf-8")
    monkeypatch.chdir(folder)
    return marker


def set_up(tmp_path: Path, text: str) -> dict[str, str]:
    """An environment in which pip's only configuration is this text."""
    file = tmp_path / "pip.conf"
    file.write_text(text, "utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    return {**clean, "PIP_CONFIG_FILE": str(file), "PYTHONUTF8": "1"}


def test_modules_in_the_working_folder_do_not_run_before_the_yes_or_after_it(
    medview, hostile, tmp_path, store
):
    folder = source_folder(tmp_path / "guest", "guest")
    assert medview("plugins", "install", folder).code == 2
    assert medview("plugins", "check", folder).code == 2
    assert not hostile.exists()
    assert medview("plugins", "install", folder, "--yes").code == 0
    assert medview("plugins", "pack", "guest", "-o", tmp_path / "pack.zip").code == 0
    assert not hostile.exists()
    subprocess.run([sys.executable, "-m", "pip", "--version"], check=False, capture_output=True)
    assert hostile.exists()  # the marker works


def test_of_pips_own_configuration_only_the_places_count(tmp_path):
    places = places_of_configuration(
        ":env:.find-links='/wheels /more'\n"
        "global.index-url='https://mirror.example/simple'\n"
        "global.require-virtualenv='true'\n",
        tmp_path,
    )
    assert places.options() == ["--find-links=/wheels", "--find-links=/more"]
    assert places.variables() == {"PIP_INDEX_URL": "https://mirror.example/simple"}
    assert places.offline.options()[0] == "--no-index"
    assert places.offline.variables() == {}
    assert "mirror.example" in places.words


def test_the_section_of_a_command_counts_more_than_global_and_a_variable_more_than_both(tmp_path):
    lines = "global.index-url='https://g.example'\ninstall.index-url='https://i.example'\n"
    assert places_of_configuration(lines, tmp_path).index_url == "https://i.example"
    # pip lists variables first.
    lines = f":env:.index-url='https://e.example'\n{lines}"
    assert places_of_configuration(lines, tmp_path).index_url == "https://e.example"


@pytest.mark.parametrize("section", ["global", "install", "download", "wheel", ":env:"])
def test_no_index_for_any_of_the_commands_that_are_used_is_no_index(tmp_path, section):
    assert not places_of_configuration(f"{section}.no-index='on'\n", tmp_path).online
    assert places_of_configuration(f"{section}.no-index='off'\n", tmp_path).online
    assert places_of_configuration("list.no-index='on'\n", tmp_path).online


def test_a_variable_takes_no_index_back(tmp_path):
    lines = ":env:.no-index='0'\nglobal.no-index='1'\n"
    assert places_of_configuration(lines, tmp_path).online


def test_settings_are_read_in_full_from_a_configuration_that_silences_pip(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    environ = set_up(
        tmp_path,
        "[global]\nquiet = 3\nindex-url = https://mirror.example/simple\n"
        "find-links = räder\n    /wheels\ncert = ca.pem\n[install]\nno-index = true\n",
    )
    places = configured_places({**environ, "PIP_CONFIG_FILE": "pip.conf"})
    assert not places.online
    assert places.index_url == "https://mirror.example/simple"
    assert places.find_links == (str(tmp_path / "räder"), "/wheels")
    assert places.cert == str(tmp_path / "ca.pem")


def test_settings_that_pip_cannot_read_are_no_licence_to_ask_the_public_index(
    tmp_path, medview, monkeypatch, store
):
    environ = set_up(tmp_path, "index-url = https://mirror.example/simple\n")
    with pytest.raises(PackageError) as caught:
        configured_places(environ)
    assert caught.value.code == "package-pip-settings"
    monkeypatch.setenv("PIP_CONFIG_FILE", environ["PIP_CONFIG_FILE"])
    ended = medview("plugins", "install", model_wheel(tmp_path, "waits"), "--yes")
    assert ended.code == 5
    assert "pip config debug" in ended.err
    assert store.index().packages == {}


def test_a_pip_that_does_not_answer_is_told_of(monkeypatch):
    def hang(*_: object, timeout: float, **__: object) -> None:
        raise subprocess.TimeoutExpired("pip", timeout)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(PackageError, match="did not answer"):
        configured_places({})
