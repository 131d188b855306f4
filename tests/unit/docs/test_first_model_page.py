"""The page for authors leads from an empty folder to a mask, in its own words and order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from medview.io.export.nifti import read_nifti
from tests.unit.docs.page import blocks, follow_offline

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which somebody has followed the page to its end, without the network."""
    page = (ROOT / "docs" / "first_model.md").read_text(encoding="utf-8")
    return follow_offline(blocks(page), tmp_path_factory.mktemp("author"))


def mask_in(result: Path) -> np.ndarray:
    document = json.loads((result / "findings.json").read_text())
    array, _ = read_nifti(result / document["findings"][0]["file"], None)
    return np.asarray(array)


def test_the_overlay_is_on_the_picture(followed: Path) -> None:
    pixels = np.asarray(Image.open(followed / "overlay.png").convert("RGB")).astype(int)
    orange = (pixels[..., 0] > pixels[..., 2] + 60) & (pixels[..., 0] > 120)
    assert orange.sum() > 5000


def test_the_parameter_was_taken(followed: Path) -> None:
    document = json.loads((followed / "result" / "findings.json").read_text())
    assert document["provenance"]["parameters"]["above"] == 200


def test_the_network_calls_dense_what_its_numbers_say(followed: Path) -> None:
    """More than 300 HU; the run before took 200, so that its mask holds this one."""
    network, threshold = (mask_in(followed / n) for n in ("result-of-network", "result"))
    assert 0 < np.count_nonzero(network) < np.count_nonzero(threshold)
    assert not (network & ~threshold.astype(bool)).any()
    document = json.loads((followed / "result-of-network" / "findings.json").read_text())
    assert document["provenance"]["model"]["version"] == "0.2.0"
    assert document["provenance"]["weights"][0]["name"] == "dense.safetensors"


def test_the_tests_of_the_package_say_what_it_does_now(followed: Path) -> None:
    package = followed / "bright-spots"
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_truth.py"],
        cwd=package,
        env={**os.environ, "PYTHONPATH": str(package / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    assert "2 passed" in ended.stdout


def test_the_pack_is_one_file(followed: Path) -> None:
    assert (followed / "bright-spots.zip").stat().st_size > 1000
