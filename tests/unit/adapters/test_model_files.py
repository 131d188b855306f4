"""Bundles and manifests are read without running them, and become packages that install."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medview.core.errors import InputError
from medview.host.bundles import as_package, as_wheel, read_model, recognise
from medview.host.bundles.files import MANIFEST, ModelFiles
from medview.host.card_checks import card_problems
from medview.host.card_json import card_text, read_card
from medview.host.params import specs_of
from tests.unit.adapters.test_manifests import SEGMENTATION
from tests.unit.adapters.zoo import densenet_bundle, retinanet_bundle, segresnet_bundle, unet_bundle

pytestmark = pytest.mark.torch


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return unet_bundle(tmp_path / "spleen_ct_segmentation")[0]


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder.parent).as_posix())
    return target


def change(folder: Path, name: str, edit: Callable[[dict[str, Any]], Any]) -> None:
    path = folder / "configs" / name
    data = json.loads(path.read_text())
    edit(data)
    path.write_text(json.dumps(data))


def inside(wheel: Path) -> set[str]:
    """What of the model itself is in the wheel that was made of it."""
    with zipfile.ZipFile(wheel) as archive:
        names = (name.partition("/")[2] for name in archive.namelist())
        return {name for name in names if name.startswith(("model/", "weights/"))}


BESIDE = ("CT_Smith_John/1.dcm", "scan.dcm", "passwords.txt", "tests/notes.txt", "more.onnx")


@pytest.mark.parametrize("way", ["manifest", "folder", "zip"])
def test_of_what_lies_beside_a_manifest_nothing_but_the_licence_comes_along(
    tmp_path: Path, way: str
) -> None:
    folder = tmp_path / "Downloads"
    folder.mkdir()
    for name in (*BESIDE, "LICENSE", "docs/license.txt", "network.pt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(name, "utf-8")
    with zipfile.ZipFile(folder / "network.pt", "w") as network:
        network.writestr("network/constants.pkl", b"")  # by which a TorchScript file is known
    (folder / MANIFEST).write_text(json.dumps(SEGMENTATION), "utf-8")
    path = {"manifest": folder / MANIFEST, "folder": folder}.get(way)
    out = tmp_path / "out"
    out.mkdir()
    made = as_wheel(path or zipped(folder, tmp_path / "all.zip"), out)
    assert inside(made) == {
        f"model/{MANIFEST}", "model/LICENSE", "model/docs/license.txt", "weights/network.pt"
    }  # fmt: skip


def test_of_what_lies_beside_a_bundle_only_its_layout_comes_along(
    bundle: Path, tmp_path: Path
) -> None:
    before = inside(as_wheel(bundle, tmp_path))
    for name in (*BESIDE, "LICENSE.txt"):
        (bundle / name).parent.mkdir(exist_ok=True)
        (bundle / name).write_text(name, "utf-8")
    out = tmp_path / "out"
    out.mkdir()
    assert inside(as_wheel(bundle, out)) == {*before, "model/LICENSE.txt"}
    assert {"model/configs/inference.json", "weights/model.pt"} <= before


def test_a_manifest_among_thousands_of_files_is_a_model(tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    for number in range(2100):
        (tmp_path / "scans" / f"{number}.dcm").touch()
        (tmp_path / f"{number}.dcm").touch()
    (tmp_path / MANIFEST).write_text(json.dumps(SEGMENTATION), "utf-8")
    (tmp_path / "network.pt").write_text("x", "utf-8")
    assert recognise(tmp_path / MANIFEST) == "manifest"
    assert read_model(tmp_path).id == "test-organ"


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_a_zip_of_a_bundle_with_a_damaged_member_is_told_of(
    bundle: Path, tmp_path: Path, method: int
) -> None:
    path = tmp_path / "damaged.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for file in sorted(bundle.rglob("*")):
            archive.write(file, file.relative_to(bundle).as_posix())
        (info,) = (i for i in archive.infolist() if i.filename == "models/model.pt")
    content = bytearray(path.read_bytes())
    start = info.header_offset + 30 + len(info.filename)
    for place in range(start + 4, start + 2000):
        content[place] ^= 0x55
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_model(path)


def test_the_card_of_a_bundle_says_what_its_files_say(bundle: Path) -> None:
    model = read_model(bundle)
    card = model.card
    assert recognise(bundle) == "bundle"
    assert (model.id, model.version, model.kind) == (
        "spleen-ct-segmentation",
        "0.2.1",
        "segmentation",
    )
    assert card_problems(card, model.id) == []
    assert card.publisher == "A team"
    assert card.code_licence == card.weights_licence == "Apache-2.0"
    assert "not to be used for diagnostic purposes" in card.intended_use
    assert card.input.modalities == ("CT",)
    assert card.produces == ("labelmap", "measurements")
    assert [w.name for w in card.weights] == ["model.pt"]
    assert card.weights[0].sha256 == ModelFiles(bundle).sha256("models/model.pt")
    assert model.runs_code


@pytest.mark.parametrize(
    ("make", "kind", "produces"),
    [
        (segresnet_bundle, "segmentation", "labelmap"),
        (retinanet_bundle, "detection", "detections"),
        (densenet_bundle, "classification", "grades"),
    ],
)
def test_the_kind_of_a_bundle_is_told_from_its_files(
    tmp_path: Path, make: Any, kind: str, produces: str
) -> None:
    model = read_model(make(tmp_path / "a_bundle")[0])
    assert (model.kind, model.card.produces[0]) == (kind, produces)


def test_a_zip_with_or_without_its_folder_reads_as_the_folder(bundle: Path, tmp_path: Path) -> None:
    with_folder = zipped(bundle, tmp_path / "spleen_ct_segmentation_v0.2.1.zip")
    assert read_model(with_folder).card == read_model(bundle).card
    bare = tmp_path / "spleen_ct_segmentation_v0.2.1_bare.zip"
    with zipfile.ZipFile(bare, "w") as archive:
        for path in sorted(bundle.rglob("*")):
            archive.write(path, path.relative_to(bundle).as_posix())
    assert read_model(bare).card.weights == read_model(bundle).card.weights


def test_reading_a_bundle_runs_nothing_of_it_and_imports_no_torch(bundle: Path) -> None:
    marker = bundle / "ran"
    plant = f"open({str(marker)!r}, 'w').close()"
    (bundle / "scripts").mkdir()
    (bundle / "scripts/__init__.py").write_text(plant)
    change(bundle, "inference.json", lambda c: c.update(imports=[f"$__import__('os') or {plant}"]))
    out = bundle.parent / "out"
    out.mkdir()
    code = (
        "import sys; from pathlib import Path; from medview.host.bundles import *\n"
        f"as_wheel(Path({str(bundle)!r}), Path({str(out)!r}))\n"
        f"as_package(Path({str(bundle)!r}), Path({str(out)!r}))\n"
        "print([m for m in ('torch', 'monai', 'numpy.testing') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert not marker.exists()


def image(metadata: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = metadata["network_data_format"]["inputs"]["image"]
    return found


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda m: m.pop("version"), "'version'"),
        (lambda m: m.update(version="latest"), "version"),
        (lambda m: m["network_data_format"].pop("inputs"), "'inputs'"),
        (lambda m: m["network_data_format"]["inputs"].update(second={}), "2 images"),
        (
            lambda m: image(m).update(num_channels=4),
            "4 channels",
        ),
        (lambda m: image(m).update(modality="WSI"), "slides"),
        (lambda m: m["network_data_format"]["outputs"].update(more={}), "2 results"),
        (
            lambda m: m["network_data_format"]["outputs"]["pred"].update(channel_def={"1": "a"}),
            "without a gap",
        ),
        (lambda m: image(m).update(spatial_shape=[9]), "axes"),
    ],
)
def test_a_bundle_that_cannot_be_run_is_refused_with_the_reason(
    bundle: Path, edit: Any, words: str
) -> None:
    change(bundle, "metadata.json", edit)
    with pytest.raises(InputError, match=words) as caught:
        read_model(bundle)
    assert caught.value.code == "bundle"


def test_a_bundle_without_weights_or_config_is_refused(bundle: Path) -> None:
    shutil.move(bundle / "models/model.pt", bundle / "model.pt")
    with pytest.raises(InputError, match="no weights"):
        read_model(bundle)
    (bundle / "configs/inference.json").unlink()
    with pytest.raises(InputError, match="no configs/inference"):
        read_model(bundle)


def test_a_config_in_yaml_is_read_as_one_in_json(bundle: Path) -> None:
    import yaml

    path = bundle / "configs/inference.json"
    data = json.loads(path.read_text())
    (bundle / "configs/inference.yaml").write_text(yaml.safe_dump(data))
    path.unlink()
    assert read_model(bundle).kind == "segmentation"


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/outside", "a\\..\\b"])
def test_a_zip_that_reaches_outside_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("configs/metadata.json", "{}")
        archive.writestr(name, "x")
    with pytest.raises(InputError, match="reaches outside"):
        ModelFiles(path)
    assert recognise(path) is None


def test_a_folder_with_a_package_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    assert recognise(tmp_path) is None


def test_a_card_comes_back_from_its_json_and_a_damaged_one_is_refused(bundle: Path) -> None:
    card = read_model(bundle).card
    assert read_card(card_text(card)) == card
    for damage in ('{"id": 3}', "[]", card_text(card).replace('"kind"', '"kinds"')):
        with pytest.raises(InputError):
            read_card(damage)


def test_settings_of_the_author_become_parameters(tmp_path: Path, installed: Any) -> None:
    model, _ = installed(segresnet_bundle(tmp_path / "whole")[0])
    assert [(p.name, p.kind, p.default) for p in specs_of(model.params_type)] == [
        ("highres", "bool", True),
        ("sw_overlap", "float", 0.25),
        ("sw_batch_size", "int", 1),
    ]


def test_the_wheel_of_a_bundle_installs_and_describes_itself(bundle: Path, tmp_path: Path) -> None:
    wheel = as_wheel(zipped(bundle, tmp_path / "spleen_ct_segmentation.zip"), tmp_path)
    site = tmp_path / "site"
    command = ["pip", "install", "-q", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True)
    code = (
        "import sys; from importlib.metadata import distributions\n"
        "from medview.host.discovery import discover; from medview.host.loader import load\n"
        f"(found,) = discover(installed=distributions(path=[{str(site)!r}]), can_isolate=True)\n"
        f"assert found.isolated; sys.path.insert(0, {str(site)!r}); loaded = load(found)\n"
        "print(loaded.card.id, loaded.package, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [
        "spleen-ct-segmentation",
        "medview_model_spleen_ct_segmentation",
        "False",
    ]


def test_the_source_package_has_the_same_files_as_the_wheel(bundle: Path, tmp_path: Path) -> None:
    folder = as_package(bundle, tmp_path)
    with zipfile.ZipFile(as_wheel(bundle, tmp_path)) as archive:
        wheel = {n for n in archive.namelist() if ".dist-info/" not in n}
        assert archive.testzip() is None
    source = {p.relative_to(folder / "src").as_posix() for p in folder.rglob("src/**/*.*")}
    assert {n for n in wheel if "." in n.rsplit("/", 1)[-1]} == source
    with pytest.raises(InputError, match="already"):
        as_package(bundle, tmp_path)
