"""Find weights files that a card declares, and refuse those whose hash is another."""

from __future__ import annotations

import hashlib
import importlib.resources
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath

from medview.core.errors import WeightsError
from medview.core.progress import ProgressFn, ignore_progress
from medview.host.card import WeightsFile
from medview.host.handle import ModelHandle
from medview.host.loader import Loaded

_BLOCK = 4 << 20


def sha256_of(path: Path, progress: ProgressFn = ignore_progress) -> str:
    """SHA-256 of a file as hexadecimal digits."""
    digest = hashlib.sha256()
    size = max(1, path.stat().st_size)
    done = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            done += len(block)
            progress(done / size, "Checking weights")
    return digest.hexdigest()


def weights_resolver(handle: ModelHandle, folder: Path) -> Callable[[str], Path]:
    """What gives a running model its weights: name in, path of a verified file out.

    Parameters
    ----------
    handle : ModelHandle
        Ready. Only what its card declares is handed out.
    folder : Path
        The per-user weights folder: files lie in ``<folder>/<model id>/<name>``.
        Those that ship with the model lie in ``weights/`` of its package.

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
        if name not in declared or PurePath(name).name != name:
            raise WeightsError(
                f"The card of '{handle.id}' declares no weights '{name}'.",
                code="weights-undeclared",
            )
        if name not in verified:
            places = _places(loaded, folder / handle.id, name)
            verified[name] = _first_sound(places, declared[name], handle.id)
        return verified[name]

    return resolve


def missing_weights(handle: ModelHandle, folder: Path) -> tuple[WeightsFile, ...]:
    """Required weights of a ready model that lie nowhere; their hashes are not checked here."""
    loaded = handle.loaded()
    return tuple(
        weights
        for weights in loaded.card.weights
        if weights.required
        and not any(p.is_file() for p in _places(loaded, folder / handle.id, weights.name))
    )


def _places(loaded: Loaded, folder: Path, name: str) -> Iterator[Path]:
    if loaded.folder is not None:
        yield loaded.folder / "weights" / name
    elif not loaded.plugin.isolation:
        # Looking for the files of a package imports it.
        shipped = importlib.resources.files(loaded.package)
        if isinstance(shipped, Path):
            yield shipped / "weights" / name
    yield folder / name


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
