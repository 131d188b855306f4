"""An installation that is killed at any step leaves the former state, and nothing behind."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from medview.host.packages.claims import held
from medview.host.packages.errors import PackageError
from medview.host.packages.records import Generation, ModelEntry
from medview.host.packages.store import PackageStore
from medview.host.packages.verify import problems_of
from tests.unit.dying import die_at, steps_of


def generation(made: str, version: str) -> Generation:
    entry = ModelEntry("m", "medview.model.v1", "m")
    return Generation(
        made, "pack-age", version, (entry,), False, (), (), "wheel", "3.11", "0.1.0", "now"
    )


def install(store: PackageStore, version: str) -> None:
    with store.staging(f"pack-age-{version}") as staging:
        site = staging.folder / "site"
        (site / "deep").mkdir(parents=True)
        (site / "deep" / "version.txt").write_text(version, "utf-8")
        store.adopt(store.put(staging, generation(staging.id, version)))


def installed_version(store: PackageStore) -> str:
    current = store.index().packages["pack-age"].current
    text = (store.site(current.id) / "deep" / "version.txt").read_text("utf-8")
    assert text == current.version
    return text


@pytest.mark.skipif(sys.platform == "win32", reason="counts the steps of a POSIX system")
def test_an_installation_killed_at_any_step_is_whole_or_absent(tmp_path):
    rehearsal = PackageStore(tmp_path / "rehearsal")
    install(rehearsal, "1.0")
    steps = steps_of(tmp_path / "rehearsal", lambda: install(rehearsal, "2.0"))
    assert steps > 15
    ends = set()
    for fatal in range(1, steps + 1):
        folder = tmp_path / f"at-{fatal}"
        store = PackageStore(folder)
        install(store, "1.0")
        assert die_at(fatal, folder, partial(install, store, "2.0"))
        ends.add(installed_version(store))
        # What was cut off is swept by whoever comes next, and an installation then works.
        store.sweep()
        assert list((folder / "staging").iterdir()) == []
        assert {p.name for p in (folder / "generations").iterdir()} == store.index().generations
        for each in store.index().packages["pack-age"].generations:
            assert problems_of(store, each) == ()
        install(store, "3.0")
        assert installed_version(store) == "3.0"
    assert ends == {"1.0", "2.0"}


def test_a_sweep_leaves_an_installation_that_is_going_on(tmp_path):
    store = PackageStore(tmp_path)
    with store.staging("pack-age") as staging:
        (staging.folder / "site").mkdir()
        PackageStore(tmp_path).sweep()
        assert staging.folder.is_dir()
        store.put(staging, generation(staging.id, "1.0"))
        place = store.place(staging.id)
        PackageStore(tmp_path).sweep()
        assert place.is_dir()
    assert not place.exists()


def test_a_package_keeps_three_generations(tmp_path):
    store = PackageStore(tmp_path)
    for version in ("1", "2", "3", "4"):
        install(store, version)
    kept = store.index().packages["pack-age"].generations
    assert [g.version for g in kept] == ["2", "3", "4"]
    assert {p.name for p in (tmp_path / "generations").iterdir()} == {g.id for g in kept}


def test_the_index_is_readable_by_its_owner_alone(tmp_path):
    store = PackageStore(tmp_path / "models")
    install(store, "1.0")
    assert store.index_file.stat().st_mode & 0o077 == 0


def test_installations_of_several_windows_at_once_all_count(tmp_path):
    def install_three(name: str) -> None:
        store = PackageStore(tmp_path)
        for version in ("1", "2", "3"):
            with store.staging(name) as staging:
                (staging.folder / "site").mkdir()
                made = replace(generation(staging.id, version), distribution=name)
                store.adopt(store.put(staging, made))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(install_three, [f"window-{number}" for number in range(6)]))
    index = PackageStore(tmp_path).index()
    assert {name: p.current.version for name, p in index.packages.items()} == {
        f"window-{number}": "3" for number in range(6)
    }
    assert {p.name for p in (tmp_path / "generations").iterdir()} == index.generations
    assert list((tmp_path / "staging").iterdir()) == []


def test_a_second_window_says_who_keeps_it_waiting(tmp_path):
    lock = tmp_path / "lock"
    with held(lock), pytest.raises(PackageError) as caught, held(lock, wait_s=0.1):
        pass
    assert caught.value.code == "packages-busy"
    assert "Another medview" in caught.value.message
