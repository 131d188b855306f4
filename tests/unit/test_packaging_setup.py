"""The set-up script: complete or begun anew, quick the second time, plain about what is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import dev_environment
import dev_libraries
from dev_commands import main, parse
from dev_environment import (
    CPU_INDEX,
    SetupFailed,
    Wish,
    digest,
    ensure_environment,
    environment_python,
    is_complete,
    parse_pip_settings,
    read_stamp,
    torch_options,
)
from dev_libraries import (
    LibrariesMissing,
    ensure_libraries,
    install_line,
    loads,
    missing_packages,
)

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small checkout whose environment already has an interpreter."""
    (tmp_path / "packaging").mkdir()
    (tmp_path / "packaging" / "constraints.txt").write_text("numpy==2.4.6\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    python = environment_python(tmp_path)
    python.parent.mkdir(parents=True)
    python.write_text("")
    return tmp_path


class FakePip:
    """Stands in for pip: counts the fillings and can fail or be killed in the middle."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wishes: list[Wish] = []
        self.cleared: list[bool] = []
        self.problem: BaseException | None = None
        monkeypatch.setattr(dev_environment, "_fill", self._fill)
        monkeypatch.setattr(dev_environment, "_make_empty", self._make_empty)

    def _fill(self, root: Path, wish: Wish, before: dict[str, object]) -> None:
        self.wishes.append(wish)
        if self.problem is not None:
            raise self.problem

    def _make_empty(self, root: Path, *, clear: bool) -> None:
        self.cleared.append(clear)


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> FakePip:
    return FakePip(monkeypatch)


APP = Wish(frozenset({"app"}))
TESTS = Wish(frozenset({"app", "test"}))


def test_a_second_call_installs_nothing(root: Path, pip: FakePip) -> None:
    ensure_environment(APP, root)
    ensure_environment(APP, root)
    assert len(pip.wishes) == 1


def test_a_person_who_tested_can_run_without_another_set_up(root: Path, pip: FakePip) -> None:
    ensure_environment(TESTS, root)
    ensure_environment(APP, root)
    assert len(pip.wishes) == 1


def test_testing_after_running_adds_and_keeps_what_is_there(root: Path, pip: FakePip) -> None:
    ensure_environment(APP, root)
    ensure_environment(Wish(frozenset({"test"})), root)
    assert pip.wishes[-1].extras == {"app", "test"}
    assert pip.cleared == [False, False]


@pytest.mark.parametrize("path", ["pyproject.toml", "packaging/constraints.txt"])
def test_a_changed_requirement_is_installed(root: Path, pip: FakePip, path: str) -> None:
    ensure_environment(APP, root)
    (root / path).write_text("changed")
    ensure_environment(APP, root)
    assert len(pip.wishes) == 2


def test_a_new_model_package_is_installed(root: Path, pip: FakePip) -> None:
    ensure_environment(APP, root)
    (root / "plugins" / "nodules").mkdir(parents=True)
    (root / "plugins" / "nodules" / "pyproject.toml").write_text("[project]\n")
    ensure_environment(APP, root)
    assert len(pip.wishes) == 2


def test_a_set_up_that_was_killed_is_begun_anew(root: Path, pip: FakePip) -> None:
    pip.problem = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        ensure_environment(APP, root)
    pip.problem = None
    ensure_environment(APP, root)
    assert pip.cleared == [False, True]
    ensure_environment(APP, root)
    assert len(pip.wishes) == 2


def test_after_a_failure_the_next_call_goes_on_from_there(root: Path, pip: FakePip) -> None:
    pip.problem = SetupFailed("no network")
    with pytest.raises(SetupFailed):
        ensure_environment(APP, root)
    pip.problem = None
    ensure_environment(APP, root)
    assert pip.cleared == [False, False]
    assert len(pip.wishes) == 2


def test_another_python_gets_another_environment(root: Path, pip: FakePip) -> None:
    ensure_environment(APP, root)
    stamp = root / ".venv" / "medview-setup.json"
    stamp.write_text(json.dumps({**read_stamp(stamp), "python": [3, 9], "digest": "old"}))
    ensure_environment(APP, root)
    assert pip.cleared == [False, True]


def test_a_damaged_stamp_means_no_set_up(root: Path) -> None:
    stamp = root / ".venv" / "medview-setup.json"
    for content in (b"{", b"\xff", b"[]"):
        stamp.write_bytes(content)
        assert not is_complete(read_stamp(stamp), APP, digest(root))


def test_choosing_a_build_of_torch_is_honoured_once(root: Path, pip: FakePip) -> None:
    ensure_environment(APP, root)
    cuda = Wish(APP.extras, "cuda")
    ensure_environment(cuda, root)
    ensure_environment(cuda, root)
    ensure_environment(APP, root)
    assert [wish.torch for wish in pip.wishes] == ["", "cuda"]


@pytest.mark.parametrize(
    ("choice", "settings", "platform", "nvidia", "adds_cpu_index"),
    [
        ("", {}, "linux", False, True),
        ("", {}, "win32", False, True),
        ("", {}, "linux", True, False),
        ("", {}, "darwin", False, False),
        ("cpu", {}, "linux", True, True),
        ("cuda", {}, "linux", False, False),
        ("", {"find-links": "/wheels"}, "linux", False, False),
        ("cpu", {"index-url": "https://mirror.example"}, "linux", False, False),
        ("", {"find-links": ""}, "linux", False, True),
    ],
)
def test_which_build_of_torch_pip_is_led_to(
    choice: str, settings: dict[str, str], platform: str, nvidia: bool, adds_cpu_index: bool
) -> None:
    options = torch_options(choice, settings, platform=platform, nvidia=nvidia)
    assert options == (["--extra-index-url", CPU_INDEX] if adds_cpu_index else [])


def test_settings_of_pip_are_read_from_files_and_from_the_environment() -> None:
    listing = ":env:.find-links='/a b'\nglobal.timeout='10'\nWARNING: odd line\n"
    assert parse_pip_settings(listing) == {"find-links": "/a b", "timeout": "10"}


def test_the_constraints_name_versions_and_no_places() -> None:
    lines = (CHECKOUT / "packaging" / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert "torch==2.13.0" in pins
    for pin in pins:
        assert "==" in pin
        assert not set(pin) & {"@", "/", "+"}


def test_only_packages_whose_library_does_not_load_are_missing() -> None:
    wanted = {"a.so.1": "liba", "b.so.1": "libb", "b.so.2": "libb", "c.so": "libc"}
    assert missing_packages(wanted, loads=lambda name: name[0] != "b") == ("libb",)
    assert not loads("libmedview-does-not-exist.so.1")


def test_the_line_to_type_can_be_typed() -> None:
    line = install_line(("libegl1", "libgl1"), sudo=True)
    assert line[:3] == ["sudo", "apt-get", "install"]
    assert line[-2:] == ["libegl1", "libgl1"]


@pytest.fixture
def apt(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A Debian without a single library, whose user may install; gives what apt-get was told."""
    told: list[list[str]] = []

    def record(words: list[str], *, sudo: bool) -> subprocess.CompletedProcess[str]:
        told.append(words)
        return subprocess.CompletedProcess(words, 0, "", "")

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(dev_libraries, "_apt", record)
    monkeypatch.setattr(dev_libraries, "_has_package", lambda name: False)
    monkeypatch.setattr(dev_libraries, "_may_install", lambda: (True, False))
    monkeypatch.setattr(dev_libraries, "missing_packages", lambda wanted: tuple(wanted.values()))
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    return told


def test_missing_libraries_are_installed_where_that_is_allowed(apt: list[list[str]]) -> None:
    ensure_libraries(offscreen=False)
    assert [words[0] for words in apt] == ["update", "install"]
    assert {"libegl1", "libxcb-cursor0"} <= set(apt[1])


def test_a_release_without_osmesa_is_no_obstacle(apt: list[list[str]]) -> None:
    ensure_libraries(offscreen=True)
    assert "libosmesa6" not in apt[1]


def test_osmesa_is_installed_where_it_exists(
    apt: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev_libraries, "_has_package", lambda name: True)
    ensure_libraries(offscreen=True)
    assert "libosmesa6" in apt[1]


def test_who_may_not_install_gets_the_line_to_type(
    apt: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev_libraries, "_may_install", lambda: (False, True))
    with pytest.raises(LibrariesMissing, match=r"\n    sudo apt-get install -y .*libegl1"):
        ensure_libraries(offscreen=True)
    assert apt == []


def test_a_system_without_apt_gets_the_names_of_the_libraries(
    apt: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(dev_libraries, "loads", lambda name: name != "libEGL.so.1")
    with pytest.raises(LibrariesMissing, match=r"missing: libEGL\.so\.1\. "):
        ensure_libraries(offscreen=True)


@pytest.mark.parametrize(
    ("typed", "passed_on"),
    [
        (["run"], []),
        (["run", "--cpu", "scan", "--safe-mode"], ["scan", "--safe-mode"]),
        (["run", "--version"], ["--version"]),
        (["run", "info", "scan", "--json"], ["info", "scan", "--json"]),
    ],
)
def test_what_follows_run_goes_to_medview(typed: list[str], passed_on: list[str]) -> None:
    options = parse(typed)
    assert options.arguments == passed_on
    assert options.torch == ("cpu" if "--cpu" in typed else None)


def test_an_unknown_option_of_the_tests_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(["test", "--vesrion"])
    assert caught.value.code == 2
    assert "--vesrion" in capsys.readouterr().err


def test_an_unknown_tier_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", "uni"]) == 2
    assert "'uni'" in capsys.readouterr().err


def test_an_old_python_gets_a_sentence() -> None:
    code = (
        "import sys, runpy; sys.version_info = (3, 8, 0); sys.argv = ['dev.py', 'run'];"
        "runpy.run_path('packaging/dev.py', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "needs Python 3.11 or newer; this is Python 3.8" in done.stdout
    assert done.stderr == ""
