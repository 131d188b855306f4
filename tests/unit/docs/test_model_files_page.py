"""The page on network files leads from a network to a mask, in its own words and order."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from medview.core.resources import resource
from medview.io.export.nifti import read_nifti
from tests.unit.docs.page import blocks, follow_offline

PAGE = Path(__file__).parents[3] / "docs" / "model_files.md"

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which somebody has followed the page to its end, without the network."""
    page = blocks(PAGE.read_text(encoding="utf-8"))
    # The example of ONNX shows a manifest alone.
    told = (block for block in page if block.language == "sh" or block.file is not None)
    return follow_offline(told, tmp_path_factory.mktemp("network"))


def test_the_example_of_torchscript_gives_the_mask_that_its_numbers_say(followed: Path) -> None:
    document = json.loads((followed / "result" / "findings.json").read_text())
    assert document["provenance"]["model"]["id"] == "dense-tissue"
    (finding,) = (f for f in document["findings"] if f["type"] == "labelmap")
    array, _ = read_nifti(followed / "result" / finding["file"], None)
    share = np.count_nonzero(array) / np.asarray(array).size
    assert 0.001 < share < 0.1, "bones, and neither air nor soft tissue"


def test_the_manifest_of_torchscript_keeps_its_schema(followed: Path) -> None:
    manifest = json.loads((followed / "dense" / "medview_model.json").read_text())
    schema = json.loads(resource("schemas", "model_manifest.json").read_text(encoding="utf-8"))
    jsonschema.validate(manifest, schema)
    assert manifest["format"] == "torchscript"
