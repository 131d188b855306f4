"""The models of installed packages as discovery finds them: from the index alone."""

from __future__ import annotations

import platform
from pathlib import Path

from medview.host.discovery import Found
from medview.host.packages.records import Generation, Index
from medview.host.packages.sealed import WEIGHTS
from medview.host.packages.store import PackageStore


def found_packages(store: PackageStore, index: Index) -> tuple[Found, ...]:
    """Every model of every generation in use; reads and imports nothing of the packages."""
    return tuple(
        found
        for package in index.packages.values()
        for found in found_models(store, package.current)
    )


def found_models(store: PackageStore, generation: Generation) -> tuple[Found, ...]:
    """The models of one generation, in use or not."""
    reason = _why_unusable(generation)
    site = str(store.site(generation.id))
    return tuple(
        Found(
            id=model.id,
            distribution=generation.distribution,
            version=generation.version,
            api=model.api,
            target=model.target,
            reason=reason,
            isolated=True,
            site=site,
            complete=generation.complete,
        )
        for model in generation.models
    )


def brought_weights(found: Found) -> Path | None:
    """Where the weights lie that came with an installed package; None for any other model."""
    return Path(found.site).with_name(WEIGHTS) / found.id if found.site else None


def _why_unusable(generation: Generation) -> str:
    running = ".".join(platform.python_version_tuple()[:2])
    if generation.python != running:
        return (
            f"It was installed for Python {generation.python}, and this is {running}. "
            "Install it again."
        )
    return ""
