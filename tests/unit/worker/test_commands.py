"""The commands work with a model in a process of its own as with any other."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import psutil
import pytest

from medview.app.cli import main
from medview.app.cli.environment import Environment
from medview.app.controllers.models import open_catalogue
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from tests.fake_models import GOOD_RUN, FakeSite
from tests.unit.worker.conftest import hook


@pytest.fixture
def medview(site: FakeSite, capsys):
    """Runs ``medview`` in this process; the models of the test are third-party."""

    def call(*args: object) -> tuple[int, str, str]:
        environment = Environment(
            catalogue=lambda: open_catalogue(os.environ, installed=site.installed)
        )
        capsys.readouterr()
        code = main([str(a) for a in args], environment)
        said = capsys.readouterr()
        # What was ended and only waits to be counted is none of these commands'.
        running = [c for c in psutil.Process().children() if c.status() != psutil.STATUS_ZOMBIE]
        assert running == []
        return code, said.out, said.err

    return call


@pytest.fixture
def ct(tmp_path, sagittal_ct) -> Path:
    folder = tmp_path / "ct"
    write_dicom_series(sagittal_ct, folder, header=SeriesHeader(seed="isolated"))
    return folder


def test_models_lists_ready_and_broken_ones(site, medview):
    site.add(GOOD_RUN)
    site.add("import os; os._exit(3)\n", model="bad", distribution="fake-bad")
    code, out, _ = medview("models", "--json")
    assert code == 0
    listed = {row["id"]: row for row in json.loads(out)["models"]}
    assert listed["bright"]["state"] == "ready"
    assert listed["bright"]["input"]["modalities"] == ["CT"]
    assert listed["bad"]["state"] == "broken"
    assert "exit code 3" in listed["bad"]["reason"]


def test_run_writes_findings_with_provenance(site, medview, ct, tmp_path):
    site.add(GOOD_RUN)
    code, _, err = medview("run", "bright", ct, "-o", tmp_path / "out", "--set", "above=100")
    assert code == 0, err
    document = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))
    assert document["provenance"]["parameters"] == {"above": 100.0}
    assert document["provenance"]["model"]["distribution"] == "fake-bright"
    assert document["findings"][0]["type"] == "labelmap"


@pytest.mark.parametrize(
    ("body", "code"),
    [("import os; os._exit(3)", 5), ("raise UnfitError('no lungs')", 4), ("ctx.weights('x')", 6)],
)
def test_a_failure_gives_its_exit_code(site, medview, ct, tmp_path, body, code):
    site.add("from medview.api import *\n" + hook(body))
    assert medview("run", "bright", ct, "-o", tmp_path / "out")[0] == code
    assert not (tmp_path / "out").exists()


def test_a_wrong_parameter_is_refused_before_anything_runs(site, medview, ct, tmp_path):
    site.add(GOOD_RUN)
    code, _, err = medview("run", "bright", ct, "-o", tmp_path / "out", "--set", "above=9999")
    assert code == 2
    assert np.char.count(err, "above") >= 1
