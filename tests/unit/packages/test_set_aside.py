"""A removal that can be undone: the directories stay while it may be, and not longer."""

from __future__ import annotations

import pytest

from medview.host.packages.errors import PackageError
from tests.unit.packages.placing import place
from tests.unit.packages.wheels import model_wheel


def test_what_was_set_aside_is_used_by_nobody_and_can_be_put_back(store, tmp_path):
    bone = place(store, model_wheel(tmp_path, "bone"))
    store.change(lambda index: index.switched(frozenset({"bone/bone"}), on=False))
    removed = store.set_aside("bone")
    assert not store.index().packages
    assert not store.index().disabled
    # Another change sweeps what nobody claims.
    place(store, model_wheel(tmp_path, "other"))
    assert store.site(bone.id).is_dir()
    store.put_back(removed)
    assert store.index().packages["bone"].current == bone
    assert store.index().disabled == {"bone/bone"}
    place(store, model_wheel(tmp_path, "third"))
    assert store.site(bone.id).is_dir()


def test_what_was_let_go_is_gone_and_cannot_be_put_back(store, tmp_path):
    bone = place(store, model_wheel(tmp_path, "bone"))
    removed = store.set_aside("bone")
    store.let_go(removed)
    store.let_go(removed)
    assert not store.place(bone.id).exists()
    with pytest.raises(PackageError, match="Install it again"):
        store.put_back(removed)
    with pytest.raises(PackageError, match="removed already"):
        store.set_aside("bone")


def test_an_undo_never_takes_the_place_of_what_was_installed_meanwhile(store, tmp_path):
    place(store, model_wheel(tmp_path, "bone", "1.0"))
    removed = store.set_aside("bone")
    place(store, model_wheel(tmp_path, "bone", "2.0"))
    with pytest.raises(PackageError, match="Install it again"):
        store.put_back(removed)
    assert store.index().packages["bone"].current.version == "2.0"
    store.let_go(removed)
