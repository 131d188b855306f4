"""`ModelKeys`: which model each of the keys Ctrl+Shift+1 to 9 runs; a key stays with its model."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from medview.app.controllers.window.preferences import Preferences
from medview.host.handle import ModelHandle

MOST = 9


class ModelKeys:
    """Gives keys in the order in which models are seen first, and remembers them.

    Parameters
    ----------
    preferences : Preferences
    """

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences

    def numbers(self, handles: Sequence[ModelHandle]) -> dict[str, int]:
        """The key of each model that has one, by `Found.full_name`; new models get theirs now."""
        present = {handle.found.full_name for handle in handles}
        usable = [handle for handle in handles if handle.state in ("ready", "found")]
        # What comes with the application has its keys before anything that is installed later.
        usable.sort(key=lambda handle: (handle.found.isolated, handle.title.lower()))
        settings = self._preferences.settings
        keys = keys_with(settings.models.keys, [h.found.full_name for h in usable], present)
        self._preferences.take(replace(settings, models=replace(settings.models, keys=keys)))
        return {name: number for number, name in enumerate(keys, start=1)}


def keys_with(
    kept: Sequence[str], usable: Sequence[str], present: Collection[str]
) -> tuple[str, ...]:
    """The models of the keys, in their order, when these models are there.

    Parameters
    ----------
    kept : sequence of str
        Of before. Each stays at its place; one that is gone gives it up only when there is
        no free key left, so that a model has its own again after a removal was undone.
    usable : sequence of str
        Models that can be run, in the order in which new ones get keys.
    present : collection of str
        All models that are there, usable or not.
    """
    keys = list(dict.fromkeys(kept))[:MOST]
    for name in usable:
        if name in keys:
            continue
        gone = next((at for at, other in enumerate(keys) if other not in present), None)
        if len(keys) < MOST:
            keys.append(name)
        elif gone is not None:
            keys[gone] = name
    return tuple(keys)
