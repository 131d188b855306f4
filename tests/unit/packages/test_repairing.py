"""The doctor repairs what is damaged, and takes nothing else for damage."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import pytest

from medview.app.controllers.packages.manage import describe_again, repair
from medview.host.packages.claims import held
from medview.host.packages.errors import PackageError
from medview.host.packages.found import found_models
from medview.worker.supervise.cards import CardStore, key_of
from medview.worker.supervise.launch import launch_of
from tests.unit.packages.placing import place
from tests.unit.packages.wheels import model_wheel


def newer(store) -> None:
    document = json.loads(store.index_file.read_text("utf-8"))
    text = json.dumps({**document, "schema": "medview.packages/99", "more": 1})
    store.index_file.write_text(text, "utf-8")


def unreadable(store) -> None:
    store.index_file.unlink()
    store.index_file.mkdir()


@pytest.mark.parametrize(("spoil", "told"), [(newer, "newer medview"), (unreadable, "be read")])
def test_a_list_that_is_not_damaged_is_no_reason_to_touch_any_package(
    medview, store, tmp_path, spoil, told
):
    bone = place(store, model_wheel(tmp_path, "bone"))
    spoil(store)
    ended = medview("plugins", "doctor", "--repair")
    assert ended.code == 5
    assert told in ended.err
    assert store.site(bone.id).is_dir()
    assert not store.index_file.with_suffix(".damaged.json").exists()


def test_a_repair_that_has_to_wait_for_another_medview_touches_no_package(
    store, tmp_path, monkeypatch
):
    bone = place(store, model_wheel(tmp_path, "bone"))
    monkeypatch.setattr("medview.host.packages.store.held", partial(held, wait_s=0.05))
    with held(store.index_file.parent / "lock"), pytest.raises(PackageError) as caught:
        repair(store, tmp_path / "cards")
    assert caught.value.code == "packages-busy"
    assert store.index().packages["bone"].current == bone
    assert store.site(bone.id).is_dir()


def test_a_damaged_list_is_made_again_from_the_directories(store, tmp_path):
    first = place(store, model_wheel(tmp_path, "bone", "1.0"))
    second = place(store, model_wheel(tmp_path, "bone", "2.0"))
    other = place(store, model_wheel(tmp_path, "other"))
    before = store.index()
    store.index_file.write_text("{", "utf-8")
    told = repair(store, tmp_path / "cards")
    assert "bone 2.0" in told
    assert "other 1.0" in told
    assert store.index() == before
    assert store.index_file.with_suffix(".damaged.json").read_text("utf-8") == "{"
    assert all(store.site(each.id).is_dir() for each in (first, second, other))
    assert repair(store, tmp_path / "cards") == ""


def test_what_was_removed_is_not_in_a_list_that_is_made_again(store, tmp_path):
    gone = place(store, model_wheel(tmp_path, "gone"))
    place(store, model_wheel(tmp_path, "stays"))
    with store.in_use(gone.id):
        store.change(lambda index: index.without("gone"))
        assert store.site(gone.id).is_dir()
        store.index_file.write_text("{", "utf-8")
        repair(store, tmp_path / "cards")
    assert set(store.index().packages) == {"stays"}


def test_a_record_that_names_another_directory_is_not_believed(store, tmp_path):
    bone = place(store, model_wheel(tmp_path, "bone"))
    (record,) = store.place(bone.id).glob("generation.json")
    record.chmod(0o600)
    record.write_text(record.read_text("utf-8").replace(bone.id, "../../elsewhere"), "utf-8")
    store.index_file.write_text("{", "utf-8")
    repair(store, tmp_path / "cards")
    assert store.index().packages == {}


def test_packages_of_an_earlier_medview_get_their_records_with_the_next_change(store, tmp_path):
    bone = place(store, model_wheel(tmp_path, "bone"))
    record = store.place(bone.id) / "generation.json"
    record.unlink()
    store.sweep()
    store.index_file.write_text("{", "utf-8")
    repair(store, tmp_path / "cards")
    assert store.index().packages["bone"].current == bone


def test_repairing_one_package_forgets_what_is_kept_of_its_models_alone(store, tmp_path):
    kept = CardStore(tmp_path / "cards")
    found = {}
    for name in ("bone", "other"):
        (found[name],) = found_models(store, place(store, model_wheel(tmp_path, name)))
        kept.keep(key_of(found[name], str(launch_of(found[name]).python)), {"say": name})
    describe_again([found["bone"]], tmp_path / "cards")
    keys = {name: key_of(item, str(launch_of(item).python)) for name, item in found.items()}
    assert kept.find(keys["bone"]) is None
    assert kept.find(keys["other"]) == {"say": "other"}


def test_repairing_one_package_leaves_a_damaged_list_to_a_repair_of_all(medview, store, tmp_path):
    place(store, model_wheel(tmp_path, "bone"))
    store.index_file.write_text("{", "utf-8")
    ended = medview("plugins", "doctor", "bone", "--repair")
    assert ended.code == 5
    assert "medview plugins doctor --repair" in ended.err
    assert store.index_file.read_text("utf-8") == "{"


def test_a_generation_that_is_gone_from_the_disk_stops_no_repair(store, tmp_path):
    bone = place(store, model_wheel(tmp_path, "bone"))
    lost = replace(bone, id="lost-1.0-x", distribution="lost")
    store.place(lost.id).mkdir()
    store.adopt(lost)
    (store.place(lost.id) / "generation.json").unlink()
    store.place(lost.id).rmdir()
    store.index_file.write_text("{", "utf-8")
    repair(store, tmp_path / "cards")
    assert set(store.index().packages) == {"bone"}


def test_a_list_that_is_gone_is_made_again_and_never_taken_for_an_empty_one(store, tmp_path):
    bone = place(store, model_wheel(tmp_path, "bone"))
    store.index_file.unlink()
    for change in (store.sweep, lambda: place(store, model_wheel(tmp_path, "other"))):
        with pytest.raises(PackageError, match="is gone") as caught:
            change()
        assert caught.value.code == "package-index-damaged"
    assert "bone 1.0" in repair(store, tmp_path / "cards")
    assert store.index().packages["bone"].current == bone
    assert store.site(bone.id).is_dir()
