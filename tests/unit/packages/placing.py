"""Packages installed without pip, for tests of what happens with them afterwards."""

from __future__ import annotations

import platform
import zipfile
from pathlib import Path

from medview import __version__
from medview.host.hashing import sha256_of
from medview.host.packages.records import Generation, Locked
from medview.host.packages.static import offer_of_wheel
from medview.host.packages.store import PackageStore


def place(store: PackageStore, wheel: Path) -> Generation:
    """Install a wheel that needs nothing else, as the installer would, without its seconds."""
    offer = offer_of_wheel(wheel)
    with store.staging(offer.distribution) as staging:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(staging.folder / "site")
        generation = Generation(
            id=staging.id,
            distribution=offer.distribution,
            version=offer.version,
            models=offer.entries,
            complete=False,
            locked=(Locked(offer.distribution, offer.version, sha256_of(wheel), "offered"),),
            shared=(),
            source="wheel",
            python=".".join(platform.python_version_tuple()[:2]),
            host_version=__version__,
            installed="2026-01-01T00:00:00+00:00",
        )
        generation = store.put(staging, generation)
        store.adopt(generation)
    return generation
