"""Ids of models that other packages bring: of two models with one id only one can be used."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from medview.core.errors import MedviewError
from medview.host.discovery import Found, discover
from medview.host.packages.errors import PackageError
from medview.host.packages.found import found_packages
from medview.host.packages.records import Generation
from medview.host.packages.store import PackageStore


def models_of_others(store: PackageStore, distribution: str) -> dict[str, str]:
    """Which package brings a model, by its id; a package of this name is left out.

    An index that cannot be read counts as empty: the installation itself tells of it.
    """
    packages: tuple[Found, ...] = ()
    with contextlib.suppress(MedviewError):
        packages = found_packages(store, store.index())
    found = discover(can_isolate=True, packages=packages)
    others = (each for each in found if each.distribution != distribution)
    return {each.id: each.distribution for each in others}


def require_a_free_model(generation: Generation, taken: Iterable[str]) -> None:
    """Refuse a package whose models all have ids that others have.

    Raises
    ------
    PackageError
        Code ``package-models-taken``.
    """
    ids = {model.id for model in generation.models}
    if ids <= set(taken):
        raise PackageError(
            f"Nothing was installed: '{generation.distribution}' brings only models that are there "
            f"already from another package ({', '.join(sorted(ids))}). Remove that one first.",
            code="package-models-taken",
        )
