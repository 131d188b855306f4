"""Find weights files that a card declares, and refuse those whose hash is another."""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath

from medview.core.errors import WeightsError
from medview.host.card import WeightsFile
from medview.host.handle import ModelHandle
from medview.host.hashing import sha256_of
from medview.host.packages.found import brought_weights
from medview.host.weights_offers import WeightsOffer, public_offers
from medview.host.weights_store import WeightsStore


def weights_resolver(
    handle: ModelHandle, folder: Path, *, public: Iterable[WeightsOffer] | None = None
) -> Callable[[str], Path]:
    """What gives a running model its weights: name in, path of a verified file out.

    Parameters
    ----------
    handle : ModelHandle
        Ready. Handed out is what its card declares, and the public weights that
        the catalogue lists for this model.
    folder : Path
        The per-user weights folder: files lie in ``<folder>/<model id>/<name>``.
        Those that ship with the model lie in ``weights/`` of its package, and those that
        came in its offline pack in its own installation: no other model is given them.
    public : iterable of WeightsOffer, optional
        The catalogue of public weights; by default that of medview.

    Returns
    -------
    callable
        Raises `WeightsError` for a name that the card does not declare, a file
        that is absent and one whose SHA-256 is another. Each file is hashed
        once for each resolver.
    """
    loaded = handle.loaded()
    declared = {weights.name: weights for weights in loaded.card.weights}
    verified: dict[str, Path] = {}

    def resolve(name: str) -> Path:
        if name not in declared and name in _public_names(handle.id, public):
            # No publisher states a whole SHA-256 of these: the one of the first day holds.
            if name not in verified:
                verified[name] = WeightsStore(folder).sound_path(handle.id, name)
            return verified[name]
        if name not in declared or PurePath(name).name != name:
            raise WeightsError(
                f"The card of '{handle.id}' declares no weights '{name}'.",
                code="weights-undeclared",
            )
        if name not in verified:
            places = _places(handle, folder, name)
            verified[name] = _first_sound(places, declared[name], handle.id)
        return verified[name]

    return resolve


def missing_weights(handle: ModelHandle, folder: Path) -> tuple[WeightsFile, ...]:
    """Required weights of a ready model that lie nowhere; their hashes are not checked here."""
    return tuple(
        weights
        for weights in handle.loaded().card.weights
        if weights.required
        and not any(path.is_file() for path in _places(handle, folder, weights.name))
    )


def _public_names(model_id: str, public: Iterable[WeightsOffer] | None) -> frozenset[str]:
    offers = public_offers() if public is None else public
    return frozenset(offer.name for offer in offers if offer.model == model_id)


def _places(handle: ModelHandle, folder: Path, name: str) -> Iterator[Path]:
    loaded = handle.loaded()
    if loaded.folder is not None:
        yield loaded.folder / "weights" / name
    elif not loaded.plugin.isolation:
        # Looking for the files of a package imports it.
        shipped = importlib.resources.files(loaded.package)
        if isinstance(shipped, Path):
            yield shipped / "weights" / name
    brought = brought_weights(handle.found)
    if brought is not None:
        yield brought / name
    yield folder / handle.id / name


def _first_sound(places: Iterator[Path], weights: WeightsFile, model_id: str) -> Path:
    changed = False
    for path in places:
        if not path.is_file():
            continue
        if sha256_of(path) == weights.sha256:
            return path
        changed = True
    if changed:
        raise WeightsError(
            f"The weights '{weights.name}' of '{model_id}' are not the file that its card "
            "declares: the SHA-256 differs. Install them again.",
            code="weights-changed",
        )
    where = f" They can be had from {weights.url}." if weights.url else ""
    raise WeightsError(
        f"The weights '{weights.name}' of '{model_id}' are not installed.{where}",
        code="weights-missing",
    )
