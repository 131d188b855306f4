"""A bundle goes the whole way through the commands: terms, yes, run, pack and back."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from medview.app.cli import main
from medview.app.cli.environment import Environment
from medview.core.data.volume import Volume
from medview.io.itk import write_volume
from tests.unit.adapters.zoo import unet_bundle

pytestmark = pytest.mark.torch


@pytest.fixture
def medview(medview_home, capsys, monkeypatch):
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    def call(*args: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(arg) for arg in args], Environment(dict(os.environ)))
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.fixture
def marked(tmp_path: Path, monkeypatch) -> tuple[Path, Path]:
    """A bundle whose config and scripts leave a marker at home when they are evaluated.

    A worker has another home, so that the marker is seen only where it must never be.
    """
    folder, _ = unet_bundle(tmp_path / "small_organ")
    marker = tmp_path / "home" / "marker"
    marker.parent.mkdir()
    monkeypatch.setenv("HOME", str(marker.parent))
    left = "__import__('pathlib').Path('~/marker').expanduser().write_text('it ran')"
    exec(left)  # noqa: S102  the marker works
    assert marker.exists()
    marker.unlink()
    config = folder / "configs" / "inference.json"
    text = json.loads(config.read_text("utf-8"))
    text["network_def"]["in_channels"] = f"$1 if {left} else 1"
    config.write_text(json.dumps(text), "utf-8")
    (folder / "scripts").mkdir(exist_ok=True)
    (folder / "scripts" / "__init__.py").write_text(f"{left}\n", "utf-8")
    return folder, marker


def test_a_zipped_bundle_is_agreed_to_installed_run_packed_and_removed(
    medview, marked, small_ct: Volume, tmp_path
):
    folder, marker = marked
    bundle = Path(
        shutil.make_archive(str(tmp_path / "small_organ"), "zip", folder.parent, folder.name)
    )
    code, _, told = medview("plugins", "install", bundle)
    assert code == 2
    for words in ("not to be used for diagnostic purposes", "SHA-256", "process of its own"):
        assert words in told
    assert not marker.exists()

    code, _, told = medview("plugins", "install", bundle, "--yes", "--offline")
    assert code == 0, told
    code, out, _ = medview("models", "--json")
    states = {row["id"]: row["state"] for row in json.loads(out)["models"]}
    assert states["small-organ"] == "ready"

    ct = tmp_path / "ct.nii.gz"
    write_volume(ct, small_ct)
    code, _, told = medview(
        "run", "small-organ", ct, "-o", tmp_path / "out", "--intensity", "hounsfield"
    )
    assert code == 0, told
    document = json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))
    assert document["provenance"]["model"]["id"] == "small-organ"
    assert [w["name"] for w in document["provenance"]["weights"]] == ["model.pt"]
    assert document["findings"][0]["type"] == "labelmap"

    assert medview("plugins", "pack", "small-organ", "-o", tmp_path / "pack.zip")[0] == 0
    assert medview("plugins", "remove", "small-organ")[0] == 0
    assert medview("plugins", "install", tmp_path / "pack.zip")[0] == 2
    assert medview("plugins", "install", tmp_path / "pack.zip", "--yes")[0] == 0
    assert not marker.exists()
