"""Weights that a card declares are compared with the files of the package before the yes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from medview.app.controllers.packages.install import converters
from medview.app.controllers.packages.terms import terms_of
from medview.host.packages.errors import PackageError
from medview.host.packages.installer import prepared
from medview.host.packages.places import Places
from medview.host.packages.static import offer_of_folder, offer_of_wheel
from tests.unit.packages.wheels import card, hooks, model_wheel, source_folder

CONTENT = b"four numbers"


def declared(content: bytes = CONTENT, **changes: object) -> dict[str, object]:
    """What a card says of the file ``net.pt``."""
    return {
        "name": "net.pt",
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "CC0-1.0",
        **changes,
    }


def wheel_with(folder: Path, weights: dict[str, object], there: bytes | None) -> Path:
    """A wheel whose card declares weights, and which has this file of that name, or none."""
    extra: dict[str, str | bytes] = {"heavy/medview_card.json": card("heavy", weights=[weights])}
    if there is not None:
        extra["heavy/weights/net.pt"] = there
    return model_wheel(folder, "heavy", extra=extra)


def test_weights_as_their_card_declares_them_are_no_matter(tmp_path):
    assert offer_of_wheel(wheel_with(tmp_path, declared(), CONTENT)).unsound == ()


def test_weights_of_another_hash_are_told_of_before_the_yes_and_not_installed(
    medview, store, tmp_path
):
    made = wheel_with(tmp_path, declared(), CONTENT + b"!")
    asked = medview("plugins", "install", made)
    told = "The weights 'net.pt' in it are not the file that the card of 'heavy' declares"
    assert asked.code == 2
    assert f"Note: {told}" in asked.err
    ended = medview("plugins", "install", made, "--yes")
    assert ended.code == 5
    assert ended.err.splitlines()[-1].startswith(f"Nothing was installed. {told}")
    assert store.index().packages == {}


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [({}, True), ({"required": False}, False), ({"url": "https://e.org/net.pt"}, False)],
)
def test_weights_that_are_nowhere_to_be_had_are_told_of_before_the_yes(tmp_path, changes, is_told):
    offer = offer_of_wheel(wheel_with(tmp_path, declared(**changes), None))
    told = [line for line in offer.warnings if "'net.pt' of 'heavy' are not in it" in line]
    assert len(told) == is_told


def test_weights_in_a_source_folder_are_compared_too(tmp_path):
    folder = source_folder(tmp_path / "heavy", "heavy")
    package = folder / "src" / "heavy"
    (package / "medview_card.json").write_text(card("heavy", weights=[declared()]), "utf-8")
    assert [w.state for w in offer_of_folder(folder).unsound] == ["absent"]
    (package / "weights").mkdir()
    (package / "weights" / "net.pt").write_bytes(b"others")
    assert [w.state for w in offer_of_folder(folder).unsound] == ["altered"]
    (package / "weights" / "net.pt").write_bytes(CONTENT)
    assert offer_of_folder(folder).unsound == ()


def test_a_build_that_leaves_the_weights_out_is_told_of(add, tmp_path):
    folder = source_folder(tmp_path / "heavy", "heavy")
    package = folder / "src" / "heavy"
    text = hooks("heavy").replace('weights_licence="none"', 'weights_licence="CC0-1.0"')
    (package / "__init__.py").write_text(text, "utf-8")
    (package / "medview_card.json").write_text(card("heavy", weights=[declared()]), "utf-8")
    (package / "weights").mkdir()
    (package / "weights" / "net.pt").write_bytes(CONTENT)
    project = folder / "pyproject.toml"
    project.write_text(project.read_text("utf-8") + 'exclude = ["*.pt"]\n', "utf-8")
    with pytest.raises(PackageError, match="leaves out the weights") as caught:
        add(folder)
    assert caught.value.code == "weights-left-out"


def test_a_file_that_is_no_network_is_refused_before_the_yes(tmp_path):
    page = Path(__file__).parents[3] / "docs" / "model_files.md"
    manifest = json.loads(page.read_text("utf-8").split("```json\n")[1].split("```")[0])
    place = tmp_path / "liver"
    place.mkdir()
    (place / "medview_model.json").write_text(json.dumps(manifest), "utf-8")
    (place / "liver.onnx").write_bytes(b"junk " * 100)
    with (
        pytest.raises(PackageError, match=r"liver.onnx is no ONNX file, or a damaged one"),
        prepared(str(place), Places(), converters=converters()),
    ):
        pass


def test_a_network_with_a_manifest_is_not_called_a_bundle(tmp_path):
    page = Path(__file__).parents[3] / "docs" / "model_files.md"
    manifest = json.loads(page.read_text("utf-8").split("```json\n")[1].split("```")[0])
    (tmp_path / "medview_model.json").write_text(json.dumps({**manifest, "file": "net.bin"}))
    (tmp_path / "net.bin").write_bytes(b"numbers")
    with prepared(str(tmp_path), Places(), converters=converters()) as chosen:
        terms = terms_of(chosen)
    (told,) = (line.text for line in terms.package if line.name == "from")
    assert told.startswith(f"network with a manifest, {tmp_path.name}, ")
    assert not any("configuration" in warning for warning in terms.warnings)
