"""Weights are handed out only when the card declares them and their hash agrees."""

from __future__ import annotations

import hashlib

import pytest

from medview.core.errors import WeightsError
from medview.host.context import RecordingContext
from medview.host.weights import missing_weights, weights_resolver
from medview.host.weights_offers import WeightsOffer, all_offers
from medview.host.weights_store import WeightsStore
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


PUBLIC = WeightsOffer("public.pth", "bright", "Public", "Someone", "MIT", "", "https://e.org/p")


def install(folder, content=CONTENT):
    store = WeightsStore(folder)
    with store.incoming(PUBLIC) as file:
        file.write_bytes(content)
        store.add(PUBLIC, file, "file")
    return store


def test_public_weights_are_handed_out_as_they_were_installed(handle, tmp_path):
    resolve = weights_resolver(handle, tmp_path, public=[PUBLIC])
    with pytest.raises(WeightsError, match=r"medview weights install public\.pth"):
        resolve("public.pth")
    install(tmp_path)
    assert resolve("public.pth").read_bytes() == CONTENT


def test_public_weights_that_were_changed_are_refused(handle, tmp_path):
    store = install(tmp_path)
    store.path("bright", "public.pth").write_bytes(CONTENT[::-1])
    with pytest.raises(WeightsError, match="not the file that was installed"):
        weights_resolver(handle, tmp_path, public=[PUBLIC])("public.pth")


def test_public_weights_that_were_copied_there_by_hand_are_refused(handle, tmp_path):
    (tmp_path / "bright").mkdir()
    (tmp_path / "bright" / "public.pth").write_bytes(CONTENT)
    with pytest.raises(WeightsError, match="not the file that was installed"):
        weights_resolver(handle, tmp_path, public=[PUBLIC])("public.pth")


def test_public_weights_of_another_model_are_not_handed_out(handle, tmp_path):
    other = WeightsOffer("public.pth", "other", "Public", "Someone", "MIT", "", "https://e.org/p")
    with pytest.raises(WeightsError, match="declares no weights"):
        weights_resolver(handle, tmp_path, public=[other])("public.pth")


def test_what_a_card_declares_joins_the_catalogue(handle):
    offers = all_offers([handle.card], public=(PUBLIC,))
    assert [(o.name, o.sha256) for o in offers] == [("net.bin", DIGEST), ("public.pth", None)]


@pytest.mark.parametrize("name", ["../x", "", ".hidden", "a/b", "a\\b"])
def test_an_offer_cannot_lead_out_of_the_store(name):
    with pytest.raises(WeightsError):
        WeightsOffer(name, "bright", "t", "p", "l", "c", "https://e.org")


def test_the_provenance_names_public_weights_with_their_hash(handle, tmp_path, ctx):
    install(tmp_path)
    ctx.files = {"public.pth": weights_resolver(handle, tmp_path, public=[PUBLIC])("public.pth")}
    recording = RecordingContext(ctx, handle.card.weights)
    recording.weights("public.pth")
    assert [(w.name, w.sha256) for w in recording.used] == [("public.pth", DIGEST)]
