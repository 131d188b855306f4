"""The commands on packages, with the exit codes that scripts rely on."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import sys
import zipfile

import numpy as np
import pytest
from packaging.tags import sys_tags

from medview.app.cli import main
from medview.app.cli.environment import Environment
from medview.app.controllers.last_failures import LastFailures
from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.errors import ModelError
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from tests.unit.packages.wheels import card, hooks, model_wheel, wheel

TAG = sys.implementation.cache_tag


@pytest.fixture
def installed(medview, tmp_path):
    ended = medview("plugins", "install", model_wheel(tmp_path, "seen", "1.0"), "--yes")
    assert ended.code == 0, ended.err
    return "seen"


@pytest.fixture
def sagittal_series(tmp_path):
    directions = np.array([(-1, 0, 0), (0, -1, 0), (0, 0, -1)], dtype=float).T
    grid = Grid((5, 6, 7), compose((10, 20, 30), directions, (2, 1, 3)), "1.2.3.4.5.6")
    info = SourceInfo("volume", modality="CT", intensity=Intensity.HOUNSFIELD)
    volume = Volume(np.zeros((5, 6, 7), np.int16), grid, info)
    write_dicom_series(volume, tmp_path / "ct", header=SeriesHeader(seed="doctor"))
    return tmp_path / "ct"


def states(medview) -> dict[str, str]:
    listed = json.loads(medview("models", "--json").out)
    return {model["id"]: model["state"] for model in listed["models"]}


def test_an_installed_model_is_listed_shown_and_removed(medview, installed):
    assert states(medview)["seen"] == "ready"
    listed = json.loads(medview("plugins", "list", "--json").out)
    assert listed["schema"] == "medview.plugins/1"
    assert "seen" in [p["distribution"] for p in listed["packages"]]
    shown = json.loads(medview("plugins", "show", "seen", "--json").out)
    assert shown["models"][0]["card"]["intended_use"] == "For tests. Not for diagnosis."
    assert medview("plugins", "remove", "seen").code == 0
    assert "seen" not in states(medview)
    assert medview("plugins", "remove", "seen").code == 2


def test_a_model_is_switched_off_and_on(medview, installed):
    assert medview("plugins", "disable", "seen").code == 0
    assert states(medview)["seen"] == "disabled"
    assert medview("plugins", "enable", "seen").code == 0
    assert states(medview)["seen"] == "ready"


def test_an_upgrade_is_rolled_back_once(medview, installed, tmp_path):
    second = model_wheel(tmp_path / "second", "seen", "2.0")
    ended = medview("plugins", "install", second, "--yes")
    assert ended.code == 0
    assert "It takes the place of version 1.0, which can be gone back to." in ended.err
    assert "seen 2.0  installed beside the application, in place of 1.0" in ended.out
    older = medview("plugins", "install", tmp_path / "seen-1.0-py3-none-any.whl")
    assert older.code == 2, "nobody agreed"
    assert "It takes the place of the newer version 2.0" in older.err
    back = medview("plugins", "rollback", "seen").out
    assert re.fullmatch(
        r"seen 1\.0  in use again, as installed 20\d\d-\d\d-\d\d [\d:]+ UTC\n", back
    )
    ended = medview("plugins", "rollback", "seen")
    assert ended.code == 2, "there is nothing to go back to"
    assert "no earlier installation" in ended.err


def test_the_doctor_is_content_with_a_wheel_that_brings_compiled_files(medview, tmp_path):
    """As numpy does; pip compiles them anew when it installs, and they differ from the wheel's."""
    compiled: dict[str, str | bytes] = {"seen/old.py": "x = 1\n"}
    compiled[f"seen/__pycache__/old.{TAG}.pyc"] = b"of long ago"
    made = model_wheel(tmp_path, "seen", "1.0", extra=compiled)
    assert medview("plugins", "install", made, "--yes").code == 0
    told = medview("plugins", "doctor", "seen")
    assert told.code == 0
    assert "problem" not in told.out


def test_the_doctor_finds_a_changed_file(medview, installed, store):
    sound = medview("plugins", "doctor", "seen")
    assert sound.code == 0
    assert "start and import" in sound.out
    current = store.index().packages["seen"].current
    file = store.site(current.id) / "seen" / "__init__.py"
    file.chmod(0o600)
    file.write_text(file.read_text("utf-8") + "\n# changed\n", "utf-8")
    sick = medview("plugins", "doctor", "seen")
    assert sick.code == 5
    assert "One file of 'seen 1.0' was changed" in sick.out
    assert str(store.place(current.id)) not in sick.out


def test_a_damaged_index_stops_no_start_and_can_be_repaired(medview, installed, store):
    store.index_file.write_text("{", "utf-8")
    assert medview("models", "--json").code == 0
    assert medview("plugins", "list").code == 5
    assert medview("plugins", "doctor", "--repair").code == 0
    assert medview("plugins", "list").code == 0


class Terminal(io.StringIO):
    """Somebody at a keyboard, who types this."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_removal_is_asked_for_and_without_one_it_is_not(
    medview, installed, store, monkeypatch
):
    def remove(typed: str, *options: str) -> int:
        told = Terminal()
        monkeypatch.setattr(sys, "stdin", Terminal(typed))
        monkeypatch.setattr(sys, "stderr", told)
        code = main(["plugins", "remove", "seen", *options], Environment(dict(os.environ)))
        asked.append("Remove seen 1.0? There is no way back." in told.getvalue())
        return code

    asked: list[bool] = []
    assert remove("no\n") == 130
    assert "seen" in store.index().packages
    assert remove("", "--yes") == 0
    assert asked == [True, False]
    assert "seen" not in store.index().packages


def test_how_a_removed_model_failed_is_forgotten(medview, installed, folders):
    failures = LastFailures(folders.logs / "models")
    failures.keep("seen", "1.0", ModelError("It failed."))
    failures.keep("another", "1.0", ModelError("It failed."))
    assert medview("plugins", "remove", "seen", "--yes").code == 0
    assert failures.of("seen") is None
    assert failures.of("another") is not None


def test_the_doctor_tells_no_failure_of_another_version(medview, installed, folders):
    failures = LastFailures(folders.logs / "models")
    failures.keep("seen", "0.9", ModelError("It failed at 0.9."))
    assert "0.9" not in medview("plugins", "doctor", "seen").out
    failures.keep("seen", "1.0", ModelError("It failed at 1.0."))
    assert "It failed at 1.0." in medview("plugins", "doctor", "seen").out


def test_names_of_the_environment_that_are_no_model_are_told(medview, installed, monkeypatch):
    monkeypatch.setenv("MEDVIEW_MODELS", "seen, nope")
    ended = medview("models", "--json")
    assert ended.code == 0
    assert ended.err.count("MEDVIEW_MODELS names 'nope', and no such model is installed.") == 1
    assert "'seen'" not in ended.err


def test_wrong_usage_of_a_command_of_the_group_names_its_own_help(medview):
    ended = medview("plugins", "remove", "seen", "--nope")
    assert ended.code == 2
    assert "See 'medview plugins remove --help'." in ended.err
    assert "See 'medview plugins --help'." in medview("plugins", "nope").err


def test_a_path_that_is_not_there_is_shown_as_it_was_typed_on_the_terminal_alone(medview):
    ended = medview("plugins", "install", "/nowhere/nope.whl", "--yes", "--json")
    assert ended.code == 2
    assert "There is no file or folder '/nowhere/nope.whl'." in ended.err
    assert "/nowhere" not in ended.out


def test_requirements_of_extras_that_nobody_asked_for_are_not_shown(medview, tmp_path):
    needs = ("medview-imaging", "pytest>=8.3; extra == 'test'", "numpy; python_version > '3'")
    ended = medview("plugins", "install", model_wheel(tmp_path, "seen", requires=needs))
    assert "pytest" not in ended.err
    assert "medview-imaging, numpy\n" in ended.err


def test_what_comes_with_the_application_is_not_removed(medview):
    ended = medview("plugins", "remove", "lung-segmentation")
    assert ended.code == 2
    assert "plugins disable" in ended.err


def test_what_is_not_there_has_the_code_of_wrong_usage(medview):
    assert medview("plugins", "install", "./absent.whl", "--yes").code == 2
    assert medview("plugins", "show", "absent").code == 2
    assert medview("plugins", "install", "absent-model", "--yes").code == 5


def test_a_pack_installs_offline_with_its_wheels_and_a_changed_member_is_refused(
    medview, tmp_path, monkeypatch
):
    house = tmp_path / "house"
    wheel(house, "ext-lib", "1.0", files={"ext_lib.py": "VALUE = 7\n"})
    told = "import ext_lib; told = ext_lib.VALUE"
    path = model_wheel(tmp_path, "packed", told=told, requires=["ext-lib==1.0"])
    assert medview("plugins", "install", path, "--yes", "--find-links", house).code == 0
    pack = tmp_path / "pack.zip"
    assert medview("plugins", "pack", "packed", "-o", pack).code == 0
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(pack) as source, zipfile.ZipFile(changed, "w") as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename.startswith("wheels/ext_lib"):
                content = content[:-1] + b"x"
            target.writestr(info.filename, content)
    monkeypatch.setenv("MEDVIEW_HOME", str(tmp_path / "elsewhere"))
    refused = medview("plugins", "install", changed, "--yes")
    assert refused.code == 5
    assert "was changed since it was packed" in refused.err
    assert medview("plugins", "install", pack, "--yes", "--offline").code == 0
    assert states(medview)["packed"] == "ready"


def test_a_pack_for_another_platform_has_its_wheels_and_is_refused_on_this_one(
    medview, tmp_path, monkeypatch
):
    house = tmp_path / "house"
    version = "".join(map(str, sys.version_info[:2]))
    here = str(next(sys_tags()))
    there = f"cp{version}-cp{version}-{'win_amd64' if 'win' not in here else 'linux_x86_64'}"
    for tag in (here, there):
        wheel(house, "ext-lib", "1.0", files={"ext_lib.py": f"VALUE = {tag!r}\n"}, tag=tag)
    path = model_wheel(tmp_path, "travels", requires=["ext-lib==1.0"])
    assert medview("plugins", "install", path, "--yes", "--find-links", house).code == 0
    monkeypatch.setenv("PIP_FIND_LINKS", str(house))
    pack, platform = tmp_path / "pack.zip", there.rpartition("-")[2]
    ended = medview("plugins", "pack", "travels", "-o", pack, "--platform", platform)
    assert ended.code == 0, ended.err
    with zipfile.ZipFile(pack) as archive:
        assert f"wheels/ext_lib-1.0-{there}.whl" in archive.namelist()
        assert json.loads(archive.read("medview_pack.json"))["platform"] == platform
    refused = medview("plugins", "install", pack, "--yes")
    assert refused.code == 5
    assert f"made for {platform}" in refused.err


def test_the_doctor_tells_devices_weights_import_time_and_the_last_failure(
    medview, tmp_path, folders, sagittal_series
):
    content = b"weights of a network"
    digest = hashlib.sha256(content).hexdigest()
    weights = f"(WeightsFile('net.bin', '{digest}', 'CC0-1.0', {len(content)}),)"
    text = hooks("sickly", "raise ValueError('it hurts')", weights=weights)
    stated = {"name": "net.bin", "sha256": digest, "licence": "CC0-1.0"}
    extra = {"sickly/medview_card.json": card("sickly", weights=[stated])}
    path = model_wheel(tmp_path, "sickly", text=text, extra=extra)
    assert medview("plugins", "install", path, "--yes").code == 0
    lacking = medview("plugins", "doctor", "sickly")
    assert lacking.code == 5
    assert f"weights net.bin ({digest}): The weights 'net.bin' of 'sickly' are not" in lacking.out
    (folders.weights / "sickly").mkdir(parents=True)
    (folders.weights / "sickly" / "net.bin").write_bytes(content)
    assert medview("run", "sickly", sagittal_series, "-o", tmp_path / "out").code == 5
    told = medview("plugins", "doctor", "sickly")
    assert told.code == 0
    for words in (
        "devices: cpu", "Python: 3", "start and import in a fresh process", f"({digest}): sound",
        "last failure", "ValueError: it hurts", "a directory of its own", "no network",
    ):  # fmt: skip
        assert words in told.out, words
    assert str(tmp_path) not in told.out
    document = json.loads(medview("plugins", "doctor", "sickly", "--json").out)
    (model,) = document["packages"][0]["models"]
    assert model["weights"] == [{"name": "net.bin", "sha256": digest, "state": "sound"}]
    assert model["import_s"] > 0
