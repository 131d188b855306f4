"""Paths and commands are told apart, and every end has its exit code."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from medview.app.cli import entry, main
from medview.app.cli.environment import Environment
from medview.app.cli.exit_codes import exit_code
from medview.core.errors import (
    GeometryError,
    InputError,
    MedviewError,
    ModelError,
    UnfitError,
    UsageError,
    WeightsError,
)
from medview.core.progress import Cancelled


@pytest.fixture
def window(monkeypatch):
    """Stands in for the window and notes how it was opened."""
    opened = []
    module = types.ModuleType("medview.app.main")

    def run(paths, *, sample=False, safe_mode=False):
        opened.append(([str(p) for p in paths], sample, safe_mode))
        return 0

    module.__dict__["run"] = run
    monkeypatch.setitem(sys.modules, "medview.app.main", module)
    return opened


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ([], ([], False, False)),
        (["a", "b"], (["a", "b"], False, False)),
        (["--sample"], ([], True, False)),
        (["--safe-mode", "a"], (["a"], False, True)),
        (["a", "--safe-mode"], (["a"], False, True)),
        (["./info"], (["info"], False, False)),
        (["--", "info"], (["info"], False, False)),
        (["a", "info"], (["a", "info"], False, False)),
    ],
)
def test_what_is_no_command_opens_the_window(window, tmp_path, monkeypatch, args, expected):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "info"):
        (tmp_path / name).mkdir()
    assert main(args) == 0
    assert window == [expected]


def test_a_command_stays_one_beside_a_file_of_its_name(window, tmp_path, monkeypatch, medview):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").touch()
    ended = medview("models", "--json")
    assert ended.code == 0
    assert json.loads(ended.out)["models"] == []
    assert window == []


def test_a_misspelt_command_is_recognised(window, medview):
    ended = medview("modles")
    assert ended.code == 2
    assert "Did you mean the command 'models'?" in ended.err
    assert window == []


@pytest.mark.parametrize("args", [["--help"], ["-h"], ["run", "--help"]])
def test_help_ends_well(medview, args):
    ended = medview(*args)
    assert ended.code == 0
    assert "Usage" in ended.out


def test_help_lists_just_the_commands_that_are_built(medview):
    text = medview("--help").out
    built = ("info", "convert", "models", "run", "snapshot", "sample", "evaluate", "weights")
    for name in (*built, "plugins"):
        assert f"\n│ {name}" in text or f"\n  {name}" in text
    for name in ("batch", "export"):
        assert f"│ {name} " not in text


def test_version_is_told(medview):
    from medview import __version__

    assert medview("--version").out == f"medview {__version__}\n"


@pytest.mark.parametrize(
    "args", [["run"], ["info"], ["info", "a", "b"], ["info", "--nope", "x"], ["--nope"]]
)
def test_wrong_usage_is_told_in_words_without_a_traceback(medview, args):
    ended = medview(*args)
    assert ended.code == 2
    assert "--help" in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


@pytest.mark.parametrize(
    ("args", "code", "kind"),
    [
        (["info", "nothing-there", "--json"], 2, "path-missing"),
        (["info", "--json"], 2, "usage"),
        (["run", "no-such-model", ".", "-o", "out", "--json"], 2, "unknown-model"),
        (["plugins", "show", "no-such-model", "--json"], 2, "unknown-package"),
    ],
)
def test_a_script_that_asks_for_json_gets_it_of_a_failure_too(
    medview, tmp_path, monkeypatch, args, code, kind
):
    monkeypatch.chdir(tmp_path)
    ended = medview(*args)
    told = json.loads(ended.out)
    assert ended.code == told["exit_code"] == code
    assert told["schema"] == "medview.error/1"
    assert told["code"] == kind
    assert told["message"]
    assert told["message"] in ended.err


def test_a_file_named_like_the_option_asks_for_nothing(medview, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert medview("info", "--", "--json").out == ""


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (UsageError, 2),
        (InputError, 3),
        (GeometryError, 3),
        (UnfitError, 4),
        (ModelError, 5),
        (WeightsError, 6),
        (MedviewError, 2),
    ],
)
def test_every_kind_of_error_has_its_code(kind, code):
    special = type("Special", (kind,), {})
    assert exit_code(kind("x")) == code
    assert exit_code(special("x")) == code


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Cancelled()])
def test_cancelling_ends_with_130(monkeypatch, capsys, error):
    def stop(args, environment):
        raise error

    monkeypatch.setattr(entry, "_dispatch", stop)
    assert main([]) == 130
    assert capsys.readouterr() == ("", "Cancelled.\n")
    assert main(["--json"]) == 130
    assert json.loads(capsys.readouterr().out)["code"] == "cancelled"


def test_a_defect_is_told_in_one_sentence_and_its_traceback_goes_to_the_log(
    monkeypatch, capsys, medview_home, tmp_path
):
    scan = tmp_path / "Jane Doe"
    scan.mkdir()

    def fail(args, environment):
        raise RuntimeError(f"cannot read {scan} of DOE^JANE")

    monkeypatch.setattr(entry, "_dispatch", fail)
    handlers = list(logging.getLogger().handlers)
    assert main(["info", str(scan)]) == 1
    told = capsys.readouterr().err
    log = medview_home / "logs" / "medview.log"
    assert str(log) in told
    assert "Traceback" not in told
    text = log.read_text("utf-8")
    assert "RuntimeError" in text
    assert "cli/entry.py" in text.replace("\\", "/")
    assert "jane" not in text.lower()
    assert logging.getLogger().handlers == handlers


def test_a_defect_is_told_where_not_even_the_log_can_be_written(monkeypatch, capsys, tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()

    def fail(args, environment):
        raise RuntimeError("x")

    monkeypatch.setattr(entry, "_dispatch", fail)
    assert main([], Environment({"MEDVIEW_HOME": str(blocked)})) == 1
    assert "could not be written" in capsys.readouterr().err


def test_help_loads_nothing_heavy():
    code = (
        "import sys\n"
        "from medview.app.cli import main\n"
        "assert main(['--help']) == 0\n"
        "heavy = {'numpy', 'pydicom', 'SimpleITK', 'torch', 'monai', 'PySide6', 'vtkmodules',\n"
        "         'scipy', 'pluggy', 'sqlalchemy'}\n"
        "found = heavy & set(sys.modules)\n"
        "assert not found, found\n"
    )
    checkout = Path(__file__).resolve().parents[3]
    subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=checkout, stdout=subprocess.DEVNULL
    )


def test_python_dash_m_is_the_same_command():
    checkout = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-m", "medview", "info", "nothing-there"],
        cwd=checkout,
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "There is no file or folder 'nothing-there'.\n"


@pytest.mark.parametrize("times", range(3))
def test_a_reader_of_a_pipe_who_has_enough_ends_a_command_well(tmp_path, times):
    command = [sys.executable, "-m", "medview", "plugins", "new", "seen", "--kind", "tiles"]
    process = subprocess.Popen(
        [*command, "-o", str(tmp_path)],
        cwd=Path(__file__).resolve().parents[3],
        env={**os.environ, "MEDVIEW_HOME": str(tmp_path / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, told = process.communicate()
    assert process.returncode == 0, told
    assert told == b""
