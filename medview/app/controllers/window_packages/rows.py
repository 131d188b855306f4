"""What the models panel says of packages, the network and the session."""

from __future__ import annotations

from collections.abc import Iterable

from medview.app.controllers.window_packages.shelf import Shelf
from medview.host.handle import ModelHandle
from medview.view.panels.model_rows import NetworkWish, PackageFacts
from medview.worker.confine import NETWORK_WORDS

_CUT = "cut off by the kernel (network namespace)"
_REFUSED = "TCP refused by the kernel, other sockets blocked inside its process"
_BLOCKED = "blocked inside its process"
_SHORT = {_CUT: "kernel", _REFUSED: "TCP: kernel, rest: in process", _BLOCKED: "in process"}


def package_facts(handle: ModelHandle, shelf: Shelf) -> PackageFacts:
    """The package of a model, and what can be done with it."""
    package = shelf.stock.package_of(handle.found)
    restriction = shelf.catalogue.restriction
    where = "installed with the application"
    if package is not None:
        where = "with a complete set of its own" if handle.found.complete else "in its own folder"
    former = package.former if package is not None else None
    return PackageFacts(
        handle.distribution,
        handle.version,
        where=where,
        former=former.version if former is not None else "",
        is_own=package is not None,
        is_on=shelf.is_on(handle),
        can_switch=not restriction or handle.switched_off != restriction,
    )


def network_wish(handle: ModelHandle, shelf: Shelf) -> NetworkWish | None:
    """The wish of a model that asks for the network; None where it does not, or is not known."""
    if handle.card is None or not handle.card.network or not handle.found.isolated:
        return None
    if shelf.may_use_network(handle):
        return NetworkWish(
            True, "It asks for the network and has it, as you agreed. What it sends is its own."
        )
    return NetworkWish(
        False,
        f"It asks for the network and has none: {_how(handle)}. "
        "Switch it on only if you trust its publisher with these images.",
    )


def foot_words(handles: Iterable[ModelHandle], shelf: Shelf) -> tuple[str, str]:
    """How third-party models are kept from the network, in short and at length; or nothing."""
    ways = {
        _how(handle)
        for handle in handles
        if handle.found.isolated and handle.state == "ready" and not shelf.may_use_network(handle)
    }
    if not ways:
        return "", ""
    short = ", ".join(sorted(_SHORT[way] for way in ways))
    return (
        f"Third-party models: no network ({short})",
        f"Each third-party model runs without network: {' or '.join(sorted(ways))}.",
    )


def notice_words(shelf: Shelf) -> str:
    """What has to be said above the models; empty for nothing."""
    problem = f"{shelf.stock.problem} The doctor can repair it." if shelf.stock.problem else ""
    unknown = ", ".join(f"'{name}'" for name in shelf.catalogue.unknown)
    if unknown:
        unknown = f"Not installed, although this session asks for it: {unknown}."
    return " ".join(text for text in (shelf.catalogue.restriction, unknown, problem) if text)


def _how(handle: ModelHandle) -> str:
    if NETWORK_WORDS["namespace"] in handle.isolation:
        return _CUT
    return _REFUSED if NETWORK_WORDS["refused"] in handle.isolation else _BLOCKED
