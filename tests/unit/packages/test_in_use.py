"""What a model that runs may still need stays until it has ended, whatever is done meanwhile."""

from __future__ import annotations

import threading

import pytest

from medview.app.controllers.models import open_catalogue
from medview.core.data.source import SourceInfo
from medview.core.runctx import RunContext
from medview.host.discovery import Found
from medview.host.loader import Broken, Loaded
from medview.host.packages.claims import Claim
from medview.host.packages.errors import PackageError
from medview.host.packages.found import found_models
from medview.host.packages.store import PackageStore
from medview.host.packages.using import keeping
from tests.unit.packages.placing import place
from tests.unit.packages.wheels import model_wheel


class Waiting:
    """Hooks of a model that runs until it is told to end."""

    isolation = "a process of its own"

    def __init__(self) -> None:
        self.began, self.end = threading.Event(), threading.Event()

    def describe(self) -> None:
        raise NotImplementedError

    applicable = describe

    def run(self, source: object, params: object, ctx: RunContext | None) -> str:
        self.began.set()
        assert self.end.wait(10)
        return "done"


@pytest.fixture
def running(store, tmp_path):
    """A model of an installed package that runs, its package, and what ends it."""
    generation = place(store, model_wheel(tmp_path, "longrun", "1.0"))
    (found,) = found_models(store, generation)
    hooks = Waiting()
    loaded = keeping(lambda _: Loaded(hooks, None, None, "longrun"), store)(found)  # type: ignore[arg-type]
    assert isinstance(loaded, Loaded)
    thread = threading.Thread(target=lambda: loaded.plugin.run(None, None, None))  # type: ignore[arg-type]
    thread.start()
    assert hooks.began.wait(10)

    def finish() -> None:
        hooks.end.set()
        thread.join()

    yield generation, finish
    finish()


def test_a_removal_leaves_the_files_of_a_run_until_it_has_ended(running, medview, store):
    generation, finish = running
    ended = medview("plugins", "remove", "longrun")
    assert ended.code == 0
    assert "A model of it runs" in ended.err
    assert not store.index().packages
    PackageStore(store.index_file.parent).sweep()
    assert (store.site(generation.id) / "longrun" / "__init__.py").is_file()
    finish()
    store.sweep()
    assert not store.place(generation.id).exists()


def test_upgrades_leave_the_files_of_a_run(running, store, tmp_path):
    generation, finish = running
    for version in ("2.0", "3.0", "4.0"):
        place(store, model_wheel(tmp_path, "longrun", version))
    assert generation.id not in store.index().generations
    assert store.site(generation.id).is_dir()
    finish()
    store.sweep()
    assert not store.place(generation.id).exists()


def test_a_removal_while_a_model_runs_can_be_undone(running, store):
    generation, finish = running
    removed = store.set_aside("longrun")
    store.put_back(removed)
    assert store.index().packages["longrun"].current == generation
    removed = store.set_aside("longrun")
    store.let_go(removed)
    assert store.site(generation.id).is_dir()
    finish()
    store.sweep()
    assert not store.place(generation.id).exists()


def test_a_model_whose_package_was_removed_is_broken_and_says_so(store, tmp_path):
    (found,) = found_models(store, place(store, model_wheel(tmp_path, "gone")))
    store.change(lambda index: index.without("gone"))

    def load(_: Found) -> Loaded:
        raise AssertionError("It is not there to be loaded.")

    loaded = keeping(load, store)(found)
    assert isinstance(loaded, Broken)
    assert "removed or replaced" in loaded.reason


def test_several_may_share_a_claim_and_nobody_has_it_alone_meanwhile(tmp_path):
    first, second = (Claim(tmp_path / "claim", shared=True) for _ in range(2))
    assert first.take()
    assert second.take()
    first.release()
    alone = Claim(tmp_path / "claim")
    assert not alone.take()
    second.release()
    assert alone.take()
    assert not Claim(tmp_path / "claim", shared=True).take()
    alone.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_claim_on_a_file_that_was_discarded_meanwhile_is_taken_on_the_new_one(
    tmp_path, monkeypatch
):
    """Else two would hold locks on two files of one name."""
    import medview.host.packages.claims as claims

    path = tmp_path / "claim"
    lock = claims._lock
    turns = iter([path.unlink])

    def lock_late(number: int, *, shared: bool) -> bool:
        next(turns, lambda: None)()
        return lock(number, shared=shared)

    monkeypatch.setattr(claims, "_lock", lock_late)
    mine = Claim(path)
    assert mine.take()
    assert not Claim(path).take()


def test_a_generation_that_is_gone_cannot_be_used(store, tmp_path):
    with pytest.raises(PackageError) as caught, store.in_use("never-was"):
        pass
    assert caught.value.code == "package-gone"


def test_the_catalogue_hands_out_models_that_keep_what_they_run_from(store, tmp_path, medview_home):
    generation = place(store, model_wheel(tmp_path, "bone"))
    catalogue = open_catalogue({"MEDVIEW_HOME": str(medview_home)})
    try:
        plugin = catalogue.handle("bone").loaded().plugin
        info = SourceInfo("volume", modality="CT")
        assert plugin.applicable(info).fit == "fit"
        with store.in_use(generation.id):
            store.change(lambda index: index.without("bone"))
            assert plugin.applicable(info).fit == "fit"
        store.sweep()
        with pytest.raises(PackageError, match="removed or replaced"):
            plugin.applicable(info)
    finally:
        catalogue.close()
