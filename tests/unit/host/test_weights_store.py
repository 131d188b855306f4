"""The store of weights with several processes at it, and with processes that are killed."""

from __future__ import annotations

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from medview.core.errors import WeightsError
from medview.host.packages.claims import held
from medview.host.weights_offers import WeightsOffer
from medview.host.weights_store import WeightsStore
from tests.unit.dying import die_at, steps_of

CONTENT = b"weights of a network"
OFFER = WeightsOffer("net.pth", "bright", "A net", "Someone", "MIT", "", "https://e.org/n")


def add(store: WeightsStore, offer: WeightsOffer, content: bytes = CONTENT) -> None:
    with store.incoming(offer) as file:
        file.write_bytes(content)
        store.add(offer, file, "file")


def test_files_that_several_processes_add_at_once_are_all_recorded(tmp_path):
    offers = [replace(OFFER, name=f"net-{number}.pth") for number in range(40)]
    stores = [WeightsStore(tmp_path) for _ in range(4)]

    def add_tenth(number: int) -> None:
        for offer in offers[number::4]:
            add(stores[number], offer, offer.name.encode())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add_tenth, range(4)))
    store = WeightsStore(tmp_path)
    assert {store.verify("bright", offer.name) for offer in offers} == {"installed"}


@pytest.mark.skipif(sys.platform == "win32", reason="counts the steps of a POSIX system")
def test_an_installation_that_is_killed_leaves_a_file_whole_or_absent(tmp_path):
    rehearsal = tmp_path / "rehearsal"
    steps = steps_of(rehearsal, lambda: add(WeightsStore(rehearsal), OFFER))
    assert steps > 10
    ends = set()
    for fatal in range(1, steps + 1):
        folder = tmp_path / f"at-{fatal}"
        store = WeightsStore(folder)
        assert die_at(fatal, folder, partial(add, store, OFFER))
        ends.add(store.verify("bright", "net.pth"))
        add(store, OFFER)
        assert store.verify("bright", "net.pth") == "installed"
        left = {path.name for path in folder.iterdir()}
        assert left == {"bright", "index.json", "lock"}
        assert [path.name for path in (folder / "bright").iterdir()] == ["net.pth"]
    assert ends == {"absent", "installed"}


def test_a_file_of_another_hash_never_takes_the_place_of_one_whoever_states_that_hash(tmp_path):
    store = WeightsStore(tmp_path)
    add(store, OFFER)
    other = b"of another mind"
    pinned = replace(OFFER, sha256=hashlib.sha256(other).hexdigest())
    with pytest.raises(WeightsError, match="remove it first") as caught:
        add(store, pinned, other)
    assert caught.value.code == "weights-mismatch"
    assert store.sound_path("bright", "net.pth").read_bytes() == CONTENT
    assert store.remove("bright", "net.pth")
    add(store, pinned, other)
    assert store.sound_path("bright", "net.pth").read_bytes() == other


def test_a_download_that_another_process_makes_is_not_mixed_with_ours(tmp_path):
    with WeightsStore(tmp_path).partial(OFFER) as part:
        part.write_bytes(CONTENT[:5])
        told = pytest.raises(WeightsError, match="Another medview is downloading")
        with told as caught, WeightsStore(tmp_path).partial(OFFER):
            pass
        assert caught.value.code == "weights-busy"
    with WeightsStore(tmp_path).partial(OFFER) as part:
        assert part.read_bytes() == CONTENT[:5]


def test_whoever_has_to_wait_is_told_for_what(tmp_path, monkeypatch):
    monkeypatch.setattr("medview.host.weights_store.held", partial(held, wait_s=0.05))
    with held(tmp_path / "lock"), pytest.raises(WeightsError, match="changing the weights"):
        add(WeightsStore(tmp_path), OFFER)


@pytest.mark.parametrize("name", ["lock", "bright", "index.json"])
def test_a_folder_that_cannot_be_written_is_told_as_such(tmp_path, name):
    if name == "bright":
        (tmp_path / name).write_text("no folder", "utf-8")
    else:
        (tmp_path / name).mkdir()
    with pytest.raises(WeightsError) as caught:
        add(WeightsStore(tmp_path), OFFER)
    assert "damaged" not in caught.value.message
