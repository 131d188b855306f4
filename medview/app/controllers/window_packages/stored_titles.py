"""`stored_title`: what a model calls itself, from files on the disk; imports nothing of it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from medview.core.errors import MedviewError
from medview.core.printable import one_line
from medview.host.discovery import Found
from medview.host.packages.offer import CARD, models_of_card
from medview.worker.supervise.cards import CardStore, key_of
from medview.worker.supervise.launch import launch_of

_MOST = 1 << 20
_LONGEST = 120


def stored_title(found: Found, cards: Path) -> str:
    """The title of a model that is left out of a session, or was switched off.

    Parameters
    ----------
    found : Found
    cards : Path
        Where descriptions of third-party models are kept.

    Returns
    -------
    str
        Empty where nothing is known of it.
    """
    return one_line(_described(found, cards) or _shipped(found), _LONGEST)


def _described(found: Found, cards: Path) -> str:
    if not found.isolated:
        return ""
    kept = CardStore(cards).find(key_of(found, str(launch_of(found).python)))
    card = kept.get("card") if kept is not None else None
    title = card.get("title") if isinstance(card, dict) else None
    return title if isinstance(title, str) else ""


def _shipped(found: Found) -> str:
    for folder in _folders(found):
        try:
            with (folder / CARD).open("rb") as file:
                models = models_of_card(file.read(_MOST))
        except (OSError, MedviewError):
            continue
        for model in models:
            if model.id == found.id:
                return model.title
    return ""


def _folders(found: Found) -> list[Path]:
    package = found.target.partition(":")[0].strip().partition(".")[0]
    if found.site:
        return [Path(found.site) / package]
    try:
        # Looking for a top-level name runs nothing of it.
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return []
    return [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
