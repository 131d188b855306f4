"""Which models ask for the network, and which of them may use it.

A model gets the network only where its card asks for it and the person agreed, which the
settings keep for distribution and model (`Found.full_name`). It can be agreed to only once
the card is known to ask, outlives an upgrade, and ends with the removal of the package.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from medview.config.schema import Settings
from medview.host.handle import ModelHandle


@dataclass(frozen=True, slots=True)
class NetworkUse:
    """The network of one model.

    Attributes
    ----------
    model, full_name : str
        Its id, and `Found.full_name`.
    asks : bool
        Whether its card asks for the network.
    agreed : bool
        Whether the person agreed.
    runs_in : str
        In what it runs now, with what was done about the network; empty until it is ready.
    """

    model: str
    full_name: str
    asks: bool
    agreed: bool
    runs_in: str

    @property
    def words(self) -> str:
        """The same in a sentence."""
        if not self.asks:
            return "It does not ask for the network."
        if self.agreed:
            return "It asks for the network, and may use it."
        return "It asks for the network, and runs without: you have not agreed."


def network_uses(handles: Iterable[ModelHandle], settings: Settings) -> tuple[NetworkUse, ...]:
    """What each model may do; loads those that were not loaded yet."""
    found = []
    for handle in handles:
        handle.ensure_ready()
        name = handle.found.full_name
        agreed = name in settings.models.network
        asks = handle.found.isolated and handle.card is not None and handle.card.network
        found.append(NetworkUse(handle.id, name, asks, agreed, handle.isolation))
    return tuple(found)


def with_consent(settings: Settings, uses: Iterable[NetworkUse], *, agreed: bool) -> Settings:
    """Settings in which the models may, or may no longer, use the network.

    Models that do not ask get no consent: it would hold for what a later version asks.
    """
    changed = {use.full_name for use in uses if use.asks or not agreed}
    now = set(settings.models.network)
    names = tuple(sorted(now | changed if agreed else now - changed))
    return replace(settings, models=replace(settings.models, network=names))


def without_consents_of(settings: Settings, distribution: str) -> Settings:
    """Settings in which no model of a package may use the network any more."""
    kept = tuple(n for n in settings.models.network if n.partition("/")[0] != distribution)
    return replace(settings, models=replace(settings.models, network=kept))
