"""ONNX and TorchScript files with a manifest give what their networks give."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import torch

from medview.core.data.image2d import Image2D
from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.errors import InputError, ModelError
from medview.core.findings.grades import Grades
from medview.core.findings.labelmap import LabelMap
from medview.core.geometry.resample import resample
from medview.core.resources import resource
from medview.host.bundles import read_model, recognise
from medview.host.bundles.files import ModelFiles
from medview.host.bundles.manifest import SCHEMA, Scaling, read_manifest
from medview.host.bundles.network_file import is_onnx, require_network
from medview.inference.adapters.manifest import scaled
from medview.inference.regrid import oriented, spaced

pytestmark = [
    pytest.mark.torch,
    # Of torch's exporters, both of which say that they will go.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

SEGMENTATION: dict[str, Any] = {
    "schema": SCHEMA,
    "id": "test-organ",
    "title": "Test organ",
    "summary": "An organ of random numbers.",
    "version": "1.2",
    "intended_use": "For tests only.",
    "licence": "Apache-2.0",
    "file": "network.pt",
    "format": "torchscript",
    "task": "segmentation",
    "input": {
        "kind": "volume",
        "modalities": ["CT"],
        "intensity": "hounsfield",
        "orientation": "LPS",
        "spacing_mm": [2.0, 2.0, 3.0],
        "scaling": {"kind": "range", "from": [-200, 200], "to": [-1, 1]},
        "window": [16, 16, 16],
        "overlap": 0.5,
        "blend": "constant",
    },
    "output": {
        "activation": "softmax",
        "classes": [{"name": "background"}, {"name": "Organ", "rgb": [1, 2, 3]}, {"name": "Other"}],
    },
}


def network(classes: int = 3) -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv3d(1, classes, 1), torch.nn.Tanh()).eval()


def classifier() -> torch.nn.Module:
    torch.manual_seed(1)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(4, 3),
    ).eval()


def written(folder: Path, manifest: dict[str, Any], net: torch.nn.Module, shape: Any) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / manifest["file"]
    if manifest["format"] == "onnx":
        torch.onnx.export(net, (torch.zeros(shape),), str(file), dynamo=False)
    else:
        torch.jit.save(torch.jit.trace(net, torch.zeros(shape)), str(file))
    (folder / "medview_model.json").write_text(json.dumps(manifest))
    return folder


@pytest.mark.parametrize("form", ["torchscript", "onnx"])
def test_a_segmentation_lies_where_its_network_puts_it(
    tmp_path: Path, ct: Volume, run_file: Any, form: str
) -> None:
    name = {"torchscript": "network.pt", "onnx": "network.onnx"}[form]
    manifest = {**SEGMENTATION, "format": form, "file": name}
    folder = written(tmp_path / "organ", manifest, network(), (1, 1, 16, 16, 16))
    assert recognise(folder) == "manifest"

    # A network without neighbourhood decides each voxel alone, so that windows play no part.
    grid = spaced(oriented(ct.grid, "LPS"), (2.0, 2.0, 3.0))
    values = resample(np.pad(ct.array, 0), ct.grid, grid, "linear", across_frames=True)
    image = np.clip(values, -200, 200) / 200
    with torch.no_grad():
        scores = network()(torch.from_numpy(image.astype(np.float32))[None, None])[0]
    expected = scores.argmax(0).numpy().astype(np.uint8)

    findings, _ = run_file(folder, ct)
    labels = findings.items[0]
    assert isinstance(labels, LabelMap)
    assert [one.name for one in labels.labels] == ["Organ", "Other"]
    assert labels.labels[0].rgb == (1, 2, 3)
    there = resample(labels.array, ct.grid, grid, "nearest", across_frames=True)
    inner = (slice(1, -1), slice(1, -1), slice(1, -1))
    assert len(np.unique(expected)) > 1
    # Sampled there and back again, a voxel at an edge may be its neighbour's.
    assert (there[inner] == expected[inner]).mean() > 0.75
    back = resample(expected, grid, ct.grid, "nearest", across_frames=True)
    assert (labels.array[inner] == back[inner]).mean() > 0.999


def test_overlapping_structures_become_masks_of_their_own(
    tmp_path: Path, ct: Volume, run_file: Any
) -> None:
    classes = [{"name": "A"}, {"name": "B"}, {"name": "C"}]
    output = {"activation": "sigmoid", "threshold": 0.3, "classes": classes}
    folder = written(
        tmp_path / "organ", {**SEGMENTATION, "output": output}, network(), (1, 1, 16, 16, 16)
    )
    findings, _ = run_file(folder, ct)
    masks = [item for item in findings.items if isinstance(item, LabelMap)]
    assert [m.name for m in masks] == ["A", "B", "C"]
    assert any(((a.array == 1) & (b.array == 1)).any() for a in masks for b in masks if a is not b)


@pytest.mark.parametrize("form", ["torchscript", "onnx"])
def test_a_classifier_gives_the_shares_of_its_network(
    tmp_path: Path, run_file: Any, form: str
) -> None:
    manifest = {
        **SEGMENTATION,
        "format": form,
        "file": "network.bin",
        "task": "classification",
        "input": {"kind": "image", "channels": 3, "scaling": {"kind": "z-score"}},
        "output": {
            "activation": "softmax",
            "classes": [{"name": n} for n in ("none", "some", "many")],
        },
    }
    folder = written(tmp_path / "grades", manifest, classifier(), (1, 3, 20, 24))
    pixels = np.random.default_rng(0).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    values = pixels.transpose(2, 0, 1).astype(np.float64)
    image = torch.from_numpy(((values - values.mean()) / values.std()).astype(np.float32))
    with torch.no_grad():
        shares = torch.softmax(classifier()(image[None])[0], 0)
    findings, _ = run_file(
        folder, Image2D(pixels, info=SourceInfo("image", intensity=Intensity.RGB))
    )
    grades = findings.items[0]
    assert isinstance(grades, Grades)
    np.testing.assert_allclose([c.probability for c in grades.classes], shares, atol=1e-5)


def test_scores_of_another_number_than_the_classes_are_refused(
    tmp_path: Path, ct: Volume, run_file: Any
) -> None:
    folder = written(tmp_path / "organ", SEGMENTATION, network(4), (1, 1, 16, 16, 16))
    with pytest.raises(ModelError, match="names 3 classes"):
        run_file(folder, ct)


def test_a_file_that_is_no_network_is_refused_in_words(
    tmp_path: Path, ct: Volume, run_file: Any
) -> None:
    for form in ("onnx", "torchscript"):
        folder = tmp_path / form
        folder.mkdir()
        manifest = {**SEGMENTATION, "id": f"bad-{form}", "format": form, "file": "network.bin"}
        (folder / "network.bin").write_bytes(b"no network")
        (folder / "medview_model.json").write_text(json.dumps(manifest))
        with pytest.raises(ModelError, match=r"network\.bin is no"):
            run_file(folder, ct)


def test_a_network_other_than_the_manifest_names_is_refused(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "organ", {**SEGMENTATION, "sha256": "0" * 64}, network(), (1, 1, 4, 4, 4)
    )
    with pytest.raises(InputError, match="another SHA-256"):
        read_model(folder)


BAD: list[tuple[tuple[str, ...], Any]] = [
    (("id",), "Not An Id"),
    (("file",), "../network.pt"),
    (("format",), "pickle"),
    (("licence",), ""),
    (("versoin",), "1"),
    (("input", "orientation"), "RRS"),
    (("input", "spacing_mm"), [1.0, 0.0, 1.0]),
    (("input", "scaling"), {"kind": "range", "from": [0, 1]}),
    (("input", "channels"), 4),
    (("input", "planes"), ["transversal"]),
    (("input", "min_coverage_mm"), -1),
    (("input", "overlap"), 1.0),
    (("output", "classes"), []),
    (("output", "classes"), [{"name": "a", "colour": "red"}]),
    (("output", "activation"), "relu"),
]


@pytest.mark.parametrize(("place", "value"), BAD)
def test_a_wrong_field_is_refused_by_reader_and_schema(place: tuple[str, ...], value: Any) -> None:
    manifest = json.loads(json.dumps(SEGMENTATION))
    inner = manifest
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    with pytest.raises(InputError):
        read_manifest(json.dumps(manifest))
    schema = json.loads(resource("schemas", "model_manifest.json").read_text(encoding="utf-8"))
    if value != "RRS":  # a schema cannot tell that two letters name one axis
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(manifest, schema)


def test_the_example_of_the_documentation_is_a_manifest() -> None:
    page = (Path(__file__).parents[3] / "docs" / "model_files.md").read_text(encoding="utf-8")
    found = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert found is not None
    manifest = read_manifest(found[1])
    assert (manifest.id, manifest.spacing_mm) == ("liver-segmentation", (1.5, 1.5, 2.0))
    schema = json.loads(resource("schemas", "model_manifest.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(found[1]), schema)


def test_values_are_scaled_as_the_manifest_says() -> None:
    values = np.array([-300.0, 0.0, 500.0], dtype=np.float32)
    half = scaled(values.copy(), Scaling("range", -200, 200, (0, 1)))
    np.testing.assert_allclose(half, [0, 0.5, 1])
    open_end = scaled(values.copy(), Scaling("range", -200, 200, (0, 1), clip=False))
    np.testing.assert_allclose(open_end, [-0.25, 0.5, 1.75])
    fixed = scaled(values.copy(), Scaling("z-score", mean=100, deviation=200))
    np.testing.assert_allclose(fixed, [-2, -0.5, 2])
    own = scaled(values.copy(), Scaling("z-score"))
    assert own.mean() == pytest.approx(0, abs=1e-6)
    assert own.std() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("form", ["torchscript", "onnx"])
def test_a_network_has_its_form_whole_and_cut_off_has_it_not(tmp_path: Path, form: str) -> None:
    file = {"torchscript": "network.pt", "onnx": "network.onnx"}[form]
    manifest = {**SEGMENTATION, "format": form, "file": file}
    folder = written(tmp_path / "organ", manifest, network(), (1, 1, 4, 4, 4))
    require_network(ModelFiles(folder), file)
    content = (folder / file).read_bytes()
    (folder / file).write_bytes(content[: len(content) * 2 // 3])
    with pytest.raises(InputError, match=r"or a damaged one"):
        require_network(ModelFiles(folder), file)


def test_weights_alone_are_told_to_be_no_network(tmp_path: Path) -> None:
    folder = written(tmp_path / "organ", SEGMENTATION, network(), (1, 1, 4, 4, 4))
    torch.save(network().state_dict(), folder / "network.pt")
    with pytest.raises(InputError, match=r"weights alone, as torch\.save writes them"):
        require_network(ModelFiles(folder), "network.pt")


@pytest.mark.parametrize(("fields", "is_one"), [(5, True), (150_000, False)])
def test_a_file_of_endless_small_fields_is_no_onnx_network(fields: int, is_one: bool) -> None:
    graph = b"\x3a\x02\x0a\x00"
    content = graph + b"\x08\x09" * fields
    assert is_onnx(io.BytesIO(content), len(content)) is is_one
    assert not is_onnx(io.BytesIO(content[:3]), 3)
