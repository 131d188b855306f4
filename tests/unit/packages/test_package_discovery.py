"""Installed packages are found from the index alone: none is imported, none can stop the start."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import replace

import pytest

from medview.app.controllers.models import open_catalogue
from medview.host.packages.records import Generation, ModelEntry
from medview.host.packages.store import PackageStore


def named(number: int) -> Generation:
    name = f"far-model-{number}"
    python = ".".join(platform.python_version_tuple()[:2])
    entry = ModelEntry(name, "medview.model.v1", name.replace("-", "_"))
    return Generation(
        f"{name}-1.0-x", name, "1.0", (entry,), False, (), (), "wheel", python, "0.1.0", "now"
    )


@pytest.fixture
def fifty(store) -> PackageStore:
    for number in range(50):
        generation = named(number)
        store.place(generation.id).mkdir(parents=True)
        store.adopt(generation)
    return store


def test_fifty_packages_are_found_and_none_is_imported(fifty):
    before = set(sys.modules)
    catalogue = open_catalogue(dict(os.environ))
    found = [h for h in catalogue.models if h.id.startswith("far-model")]
    assert len(found) == 50
    assert {h.state for h in found} == {"found"}
    assert not any(name.startswith("far_model") for name in set(sys.modules) - before)
    catalogue.close()


def test_a_package_for_another_python_is_incompatible(store):
    generation = replace(named(1), python="3.1")
    store.place(generation.id).mkdir(parents=True)
    store.adopt(generation)
    handle = open_catalogue(dict(os.environ)).handle("far-model-1")
    assert handle.state == "incompatible"
    assert "Python 3.1" in handle.reason


def test_an_installed_package_cannot_take_the_place_of_a_model_of_the_application(store):
    entry = ModelEntry("lung-segmentation", "medview.model.v1", "impostor")
    generation = replace(named(1), distribution="medview-lung-segmentation", models=(entry,))
    store.place(generation.id).mkdir(parents=True)
    store.adopt(generation)
    models = open_catalogue(dict(os.environ)).models
    ours, theirs = (h for h in models if h.id == "lung-segmentation")
    assert ours.target == "medview_lung_segmentation"
    assert theirs.state == "incompatible"


def test_a_name_in_the_index_that_is_a_path_makes_it_damaged(fifty):
    from medview.host.packages.errors import PackageError

    text = fifty.index_file.read_text("utf-8").replace('"far-model-0-1.0-x"', '"../../elsewhere"')
    fifty.index_file.write_text(text, "utf-8")
    with pytest.raises(PackageError) as caught:
        fifty.index()
    assert caught.value.code == "package-index-damaged"
    assert open_catalogue(dict(os.environ)).models
