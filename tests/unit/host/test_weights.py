"""Weights are handed out only when the card declares them and their hash agrees."""

from __future__ import annotations

import hashlib

import pytest

from medview.core.errors import WeightsError
from medview.host.weights import missing_weights, weights_resolver
from tests.fake_models import GOOD_RUN

CONTENT = b"weights of a network"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def handle(site, catalogue):
    declared = f"WeightsFile('net.bin', '{DIGEST}', 'MIT', {len(CONTENT)}, 'https://example.org/n')"
    site.add(f"{GOOD_RUN}\nCARD['weights'] = ({declared},)\n")
    (handle,) = catalogue().models
    handle.ensure_ready()
    return handle


def place(folder, content=CONTENT):
    folder.mkdir(parents=True)
    (folder / "net.bin").write_bytes(content)


def test_weights_that_ship_with_the_model_are_found(handle, site, tmp_path):
    place(site.folder / handle.package / "weights")
    path = weights_resolver(handle, tmp_path / "w")("net.bin")
    assert path.read_bytes() == CONTENT
    assert missing_weights(handle, tmp_path / "w") == ()


def test_installed_weights_are_found(handle, tmp_path):
    place(tmp_path / "w" / "bright")
    path = weights_resolver(handle, tmp_path / "w")("net.bin")
    assert path == tmp_path / "w" / "bright" / "net.bin"


def test_changed_weights_are_refused(handle, tmp_path):
    place(tmp_path / "w" / "bright", CONTENT + b"!")
    with pytest.raises(WeightsError, match="SHA-256 differs"):
        weights_resolver(handle, tmp_path / "w")("net.bin")


def test_sound_installed_weights_serve_where_the_shipped_ones_are_damaged(handle, site, tmp_path):
    place(site.folder / handle.package / "weights", b"damaged")
    place(tmp_path / "w" / "bright")
    path = weights_resolver(handle, tmp_path / "w")("net.bin")
    assert path.read_bytes() == CONTENT


def test_absent_weights_are_named_with_where_to_get_them(handle, tmp_path):
    assert [w.name for w in missing_weights(handle, tmp_path / "w")] == ["net.bin"]
    with pytest.raises(WeightsError, match=r"not installed.*https://example.org/n"):
        weights_resolver(handle, tmp_path / "w")("net.bin")


@pytest.mark.parametrize("name", ["other.bin", "../net.bin", ""])
def test_a_name_that_the_card_does_not_declare_is_refused(handle, tmp_path, name):
    with pytest.raises(WeightsError, match="declares no weights"):
        weights_resolver(handle, tmp_path / "w")(name)
