"""Look at a package, and install it once a person has agreed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from medview.app.controllers.packages.bundles import Bundles
from medview.app.controllers.packages.taken import models_of_others, require_a_free_model
from medview.core.errors import UsageError
from medview.core.progress import ProgressFn, ignore_progress
from medview.host.card import ModelCard
from medview.host.loader import Broken
from medview.host.packages.errors import PackageError
from medview.host.packages.found import found_models
from medview.host.packages.installer import Prepared, install, prepared
from medview.host.packages.offer import OfferedModel, offered_model
from medview.host.packages.pack import Pack
from medview.host.packages.pip_settings import configured_places
from medview.host.packages.places import Places
from medview.host.packages.records import Generation
from medview.host.packages.sealed import WEIGHTS, listed_files
from medview.host.packages.sources import Converter, Source
from medview.host.packages.store import PackageStore
from medview.worker.supervise.isolation import Isolation


def places_for(
    *,
    offline: bool = False,
    index_url: str = "",
    find_links: Sequence[Path] = (),
    environ: Mapping[str, str] = os.environ,
) -> Places:
    """Where packages may come from: what pip is set up with here, and what was asked for.

    Raises
    ------
    UsageError
        If a folder of wheels is not there.
    """
    for folder in find_links:
        if not folder.is_dir():
            raise UsageError(f"There is no folder '{folder.name}'.", code="path-missing")
    places = configured_places(environ)
    if index_url:
        places = replace(places, index_url=index_url, extra_index_urls=(), online=True)
    places = places.with_folders(folder.absolute() for folder in find_links)
    return places.offline if offline else places


def converters() -> tuple[Converter, ...]:
    """What makes packages of things that are none, such as MONAI bundles."""
    return (Bundles(),)


@contextmanager
def looked_at(
    asked: str | Source, places: Places, progress: ProgressFn = ignore_progress
) -> Iterator[Prepared]:
    """A package with its terms; nothing of it runs, and nothing is installed.

    Raises
    ------
    UsageError
        If nothing is there.
    PackageError
        If it cannot be installed.
    """
    with prepared(asked, places, converters=converters(), progress=progress) as chosen:
        yield chosen


def install_package(
    chosen: Prepared,
    store: PackageStore,
    isolation: Isolation,
    progress: ProgressFn = ignore_progress,
) -> Generation:
    """Install what was agreed to, with the weights that a pack brings, which are its alone.

    Every model is asked once, in a child process, what it is. If one cannot say, nothing
    is installed and the installation before, if any, goes on.

    Raises
    ------
    PackageError
    """
    cards: list[ModelCard] = []

    def describe(generation: Generation) -> None:
        require_a_free_model(generation, models_of_others(store, generation.distribution))
        for found in found_models(store, generation):
            progress(None, f"Describing {found.id}")
            loaded = isolation.load(found)
            # Whoever cancelled while it was described wants nothing of it.
            progress(None, f"Describing {found.id}")
            if isinstance(loaded, Broken):
                raise PackageError(
                    f"Nothing was installed: the model '{found.id}' of '{found.distribution}' "
                    f"cannot be used. {loaded.reason}",
                    code="package-broken",
                ) from PackageError(loaded.report)
            cards.append(loaded.card)
            _require_honest(chosen, loaded.card)
        if chosen.pack is not None:
            _require_declared(chosen.pack, cards, store, generation)

    return install(chosen, store, describe, progress)


def _require_honest(chosen: Prepared, card: ModelCard) -> None:
    """Compare what a model says once it runs with what was shown before anyone agreed."""
    shown = {model.id: model for model in chosen.offer.models}.get(card.id)
    if shown is None:
        return
    was, now = _as_shown(shown), _as_shown(offered_model(card))
    for name in was:
        if was[name] != now[name]:
            raise PackageError(
                f"Nothing was installed: the model '{card.id}' says another "
                f"'{name.replace('_', ' ')}' than the one that was shown.",
                code="package-other-terms",
            )


def _as_shown(model: OfferedModel) -> dict[str, object]:
    names = (
        "title", "intended_use", "code_licence", "weights_licence", "publisher", "network",
        "demonstration",
    )  # fmt: skip
    weights = frozenset((each.name, each.sha256, each.licence) for each in model.weights)
    return {**{name: getattr(model, name) for name in names}, "weights": weights}


def _require_declared(
    pack: Pack, cards: Sequence[ModelCard], store: PackageStore, generation: Generation
) -> None:
    """Refuse weights of a pack that are not those of a model in it; they stay with that package."""
    declared = {(card.id, w.name): w.sha256 for card in cards for w in card.weights}
    there = listed_files(store.place(generation.id), generation)
    for packed in pack.weights:
        name = packed.file.name
        sha256 = declared.get((packed.model, name))
        if sha256 is None:
            raise PackageError(
                f"The pack brings weights '{name}' for '{packed.model}' that no model in it "
                "declares.",
                code="weights-undeclared",
            )
        if there[f"{WEIGHTS}/{packed.model}/{name}"] != sha256:
            raise PackageError(
                f"The weights '{name}' in the pack are not the file that the card of "
                f"'{packed.model}' declares: the SHA-256 differs.",
                code="weights-mismatch",
            )
