"""Install, verify and remove weights of networks, for `medview weights`; knows no Qt."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from medview.app.controllers.named import require_there
from medview.core.errors import UsageError, WeightsError
from medview.core.progress import ProgressFn, ignore_progress
from medview.host.handle import ModelHandle
from medview.host.packages.found import brought_weights
from medview.host.weights_offers import WeightsOffer, all_offers
from medview.host.weights_store import Record, WeightsStore


def known_offers(handles: Iterable[ModelHandle]) -> tuple[WeightsOffer, ...]:
    """Weights that can be installed: the public ones, and what installed models declare.

    What came with a package is there, and goes with it: it is not offered.
    """
    cards = []
    brought: set[tuple[str, str]] = set()
    for handle in handles:
        handle.ensure_ready()
        if handle.card is None:
            continue
        cards.append(handle.card)
        folder = brought_weights(handle.found)
        if folder is not None and folder.is_dir():
            brought |= {(handle.id, file.name) for file in folder.iterdir()}
    return tuple(o for o in all_offers(cards) if (o.model, o.name) not in brought)


def choose_offer(offers: Sequence[WeightsOffer], name: str) -> WeightsOffer:
    """The offer of that name.

    Raises
    ------
    UsageError
        If there is none, or two models have weights of that name; then
        ``MODEL/NAME`` tells them apart.
    """
    found = [o for o in offers if name in (o.name, f"{o.model}/{o.name}")]
    if len(found) == 1:
        return found[0]
    if found:
        both = ", ".join(f"{o.model}/{o.name}" for o in found)
        raise UsageError(f"Several models have weights of that name: {both}.")
    near = difflib.get_close_matches(name, [o.name for o in offers], 1)
    hint = f"Did you mean '{near[0]}'?" if near else "See: medview weights list"
    raise UsageError(f"There are no weights '{name}'. {hint}", code="unknown-weights")


def install_from_url(
    store: WeightsStore,
    offer: WeightsOffer,
    *,
    progress: ProgressFn = ignore_progress,
    allow_loopback: bool = False,
) -> Record:
    """Download, check and install; what a broken download brought is kept and continued.

    Raises
    ------
    WeightsError
        If there is no address, the download fails, or the hash is wrong.
    """
    from medview.host.download import MOST_BYTES, download

    if not offer.url:
        raise WeightsError(
            f"There is no address for '{offer.name}'. Bring the file and use --from.",
            code="weights-address",
        )
    with store.partial(offer) as part:
        download(
            offer.url,
            part,
            progress=progress,
            most_bytes=offer.size_bytes or MOST_BYTES,
            allow_loopback=allow_loopback,
        )
        try:
            return store.add(offer, part, offer.url, progress)
        finally:
            # Whole and wrong: there is nothing to continue.
            part.unlink(missing_ok=True)


def install_from_path(
    store: WeightsStore,
    offer: WeightsOffer,
    path: Path,
    *,
    progress: ProgressFn = ignore_progress,
) -> Record:
    """Copy, check and install a file, or the right file of a folder.

    Raises
    ------
    UsageError
        If nothing is there, or the folder does not hold the file.
    WeightsError
        If the hash is wrong.
    """
    source = file_for(offer, path)
    with store.incoming(offer) as copy:
        progress(None, "Copying")
        try:
            shutil.copyfile(source, copy)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise WeightsError(f"'{source.name}' cannot be copied: {why}.") from error
        return store.add(offer, copy, "file", progress)


def file_for(offer: WeightsOffer, path: Path) -> Path:
    """The file to install from: `path` itself, or where a publisher's folder has it.

    Raises
    ------
    UsageError
        If there is none.
    """
    require_there(path)
    if path.is_file():
        return path
    places = [path / offer.name, path / offer.path, path / Path(offer.path).name]
    for place in places if offer.path else places[:1]:
        if place.is_file():
            return place
    raise UsageError(
        f"'{path.name}' holds neither '{offer.name}' nor '{offer.path or offer.name}'.",
        code="path-missing",
    )
