"""A network file with a manifest, once it is a package, keeps the contract of every model."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from medview.app.controllers.packages.checking import check_found
from medview.host.bundles import as_wheel
from medview.host.discovery import discover
from medview.testing.phantoms import axial_grid, ball_phantom
from tests.unit.adapters.test_manifests import SEGMENTATION, network, written

pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def test_a_torchscript_file_passes_every_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path / "organ", dict(SEGMENTATION), network(), (1, 1, 16, 16, 16))
    wheel = as_wheel(folder, tmp_path)
    site = tmp_path / "site"
    command = ["pip", "install", "-q", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True)
    monkeypatch.syspath_prepend(str(site))
    (found,) = discover(installed=distributions(path=[str(site)]), can_isolate=True)
    ball = ball_phantom(axial_grid((30, 36, 36), (4.0, 4.0, 4.0)), radius_mm=45.0)
    report = check_found(found, weights_folder=tmp_path, sample=ball)
    assert {r.check: r.words for r in report.results if not r.passed} == {}
    assert report.outcome == "conformant"
    assert report.title == "Test organ"
