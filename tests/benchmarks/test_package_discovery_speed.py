"""Fifty installed packages may add at most 50 ms to the discovery of models."""

from __future__ import annotations

import os

import pytest

from medview.app.controllers.models import open_catalogue
from medview.config.paths import find_folders
from medview.host.packages.records import Generation, ModelEntry
from medview.host.packages.store import PackageStore


@pytest.mark.benchmark
@pytest.mark.parametrize("count", [0, 50])
def test_discovery_with_installed_packages(benchmark, medview_home, count):
    store = PackageStore(find_folders(os.environ).models)
    for number in range(count):
        name = f"far-model-{number}"
        entry = ModelEntry(name, "medview.model.v1", "far")
        made = Generation(
            f"{name}-x",
            name,
            "1",
            (entry,),
            False,
            (),
            ("numpy==2",) * 20,
            "wheel",
            "3.11",
            "0",
            "",
        )
        store.place(made.id).mkdir(parents=True)
        store.adopt(made)
    benchmark(lambda: open_catalogue(dict(os.environ)).models)
