"""Weights of an offline pack belong to its package alone: they come, change and go with it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from medview.app.controllers.models import open_catalogue
from medview.app.controllers.packages.install import looked_at
from medview.app.controllers.packages.terms import in_words, terms_of
from medview.host.packages.errors import PackageError
from medview.host.packages.pack import PackedWeights, write_pack
from medview.host.packages.places import Places
from medview.host.weights import missing_weights, weights_resolver
from medview.host.weights_offers import public_offers
from medview.host.weights_store import WeightsStore
from tests.unit.packages.wheels import hooks, model_wheel


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def pack_of(
    folder: Path,
    name: str,
    content: bytes,
    *,
    version: str = "1.0",
    model: str = "",
    file: str = "net.pt",
    declared: str | None = None,
    packed_for: str = "",
) -> Path:
    """A pack of a package with one model, whose card declares weights of this content."""
    model = model or name
    digest = sha256(content) if declared is None else declared
    text = hooks(
        model,
        weights=f"(WeightsFile({file!r}, {digest!r}, 'CC0-1.0', {len(content)}, 'https://e.org/n'),)",
    )
    # `hooks` says that there are no weights at all, which is then wrong.
    text = text.replace('weights_licence="none"', 'weights_licence="CC0-1.0"')
    wheel = model_wheel(folder, name, version, model=model, text=text, with_card=False)
    (folder / file).write_bytes(content)
    target = folder / f"{name}-{version}.zip"
    weights = [PackedWeights(packed_for or model, folder / file)]
    write_pack(target, [wheel], weights, python="3.11", platform="any", shared=())
    return target


def test_a_pack_of_a_third_party_never_reaches_the_weights_of_another_model(
    medview, folders, tmp_path
):
    offer = next(o for o in public_offers() if o.model == "lung-segmentation")
    published = b"as the publisher made them"
    (tmp_path / "published").write_bytes(published)
    store = WeightsStore(folders.weights)
    record = {"sha256": None, "sha256_prefix": None, "md5": None, "size_bytes": None}
    unpinned = type(offer)(**{n: getattr(offer, n) for n in offer.__slots__} | record)
    with store.incoming(unpinned) as file:
        file.write_bytes(published)
        store.add(unpinned, file, "file")
    pack = pack_of(
        tmp_path, "squatter", b"of another mind", model="lung-segmentation", file=offer.name
    )
    medview("plugins", "install", pack, "--yes")
    assert store.sound_path(offer.model, offer.name).read_bytes() == published
    assert medview("weights", "verify", f"{offer.model}/{offer.name}").code == 0


def test_each_generation_has_the_weights_that_came_with_it_and_they_go_with_it(
    add, medview, store, folders, tmp_path
):
    def weights_of_it() -> bytes:
        catalogue = open_catalogue({"MEDVIEW_HOME": str(folders.models.parent)})
        try:
            handle = catalogue.handle("heavy")
            assert missing_weights(handle, folders.weights) == ()
            return weights_resolver(handle, folders.weights)("net.pt").read_bytes()
        finally:
            catalogue.close()

    first = add(pack_of(tmp_path / "1", "heavy", b"first"))
    assert weights_of_it() == b"first"
    add(pack_of(tmp_path / "2", "heavy", b"second, and longer", version="2.0"))
    assert weights_of_it() == b"second, and longer"
    assert medview("plugins", "rollback", "heavy").code == 0
    assert weights_of_it() == b"first"
    assert medview("plugins", "doctor", "heavy").code == 0
    assert "net.pt" not in medview("weights", "list").out
    # What is packed of it again brings them along.
    assert medview("plugins", "pack", "heavy", "-o", tmp_path / "again.zip").code == 0
    with looked_at(str(tmp_path / "again.zip"), Places()) as chosen:
        assert chosen.pack is not None
        assert [w.sha256 for w in chosen.pack.weights] == [sha256(b"first")]
    assert medview("plugins", "remove", "heavy").code == 0
    assert not store.place(first.id).exists()
    assert not any(folders.weights.rglob("net.pt"))


@pytest.mark.parametrize(
    ("change", "code"),
    [({"declared": sha256(b"what was promised")}, "weights-mismatch"),
     ({"packed_for": "lung-segmentation"}, "weights-undeclared")],
)  # fmt: skip
def test_weights_that_no_model_of_the_pack_declares_are_refused_and_nothing_is_left(
    add, store, folders, tmp_path, change, code
):
    with pytest.raises(PackageError) as caught:
        add(pack_of(tmp_path, "heavy", b"what is in it", **change))
    assert caught.value.code == code
    assert store.index().packages == {}
    assert list((folders.models / "generations").iterdir()) == []
    assert not folders.weights.exists()


def test_the_weights_in_a_pack_are_told_before_the_yes(tmp_path):
    content = b"what is in it"
    with looked_at(str(pack_of(tmp_path, "heavy", content)), Places()) as chosen:
        told = in_words(terms_of(chosen))
    assert f"net.pt for heavy, {len(content)} bytes" in told
    assert sha256(content) in told


def test_the_kit_checks_a_pack_with_the_weights_that_it_brings(medview, folders, tmp_path):
    text = "ctx.weights('net.pt')\n    told = 1.0"
    content = b"what is in it"
    weights = f"(WeightsFile('net.pt', {sha256(content)!r}, 'CC0-1.0', {len(content)}),)"
    (tmp_path / "net.pt").write_bytes(content)
    wheel = model_wheel(tmp_path, "heavy", text=hooks("heavy", text, weights=weights))
    pack = tmp_path / "pack.zip"
    write_pack(
        pack, [wheel], [PackedWeights("heavy", tmp_path / "net.pt")],
        python="3.11", platform="any", shared=(),
    )  # fmt: skip
    told = medview("plugins", "check", pack, "--yes", "--offline")
    assert "are not installed" not in told.out
    assert told.code != 6
    assert not folders.weights.exists()
