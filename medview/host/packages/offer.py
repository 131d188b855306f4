"""`Offer`: what is told of a package before anyone agrees to install it, from static files only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from medview.core.printable import one_line
from medview.host.card import ModelCard
from medview.host.discovery import normalised
from medview.host.packages.errors import PackageError
from medview.host.packages.records import ModelEntry
from medview.host.packages.shipped import UnsoundWeights
from medview.host.spec import API

Kind = Literal["wheel", "folder", "zip", "pack", "index", "bundle"]
CARD = "medview_card.json"
MAX_CARD = 1 << 20
MOST_MODELS = 50
"""Of one package: each is a process at its installation, and a row for whoever agrees."""


@dataclass(frozen=True, slots=True)
class OfferedWeights:
    """Weights that a card declares: name, SHA-256, licence, size in bytes, address, need."""

    name: str
    sha256: str
    licence: str
    size_bytes: int | None
    url: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """What a package's ``medview_card.json`` says of one model; empty where it says nothing."""

    id: str
    title: str
    summary: str
    intended_use: str
    code_licence: str
    weights_licence: str
    publisher: str
    network: bool
    demonstration: bool
    weights: tuple[OfferedWeights, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A package as its static files describe it.

    Attributes
    ----------
    kind : str
        What it comes as.
    distribution, version : str
        The name is normalised; empty where only running the package's own build tells it.
    summary, publisher : str
        From the packaging metadata.
    licences : tuple of str
        Everything that it states as its licence, the weightiest first.
    licence_files : tuple of str
        Which of its files hold licence texts, where it says so.
    entries : tuple of ModelEntry
        The models' entry points; empty where static files do not say.
    models : tuple of OfferedModel
        What its cards say.
    requires : tuple of str
        What it depends on, as written.
    build_requires : tuple of str
        What building it needs; building runs code of the package.
    sha256 : str
        Of the file, or of the names and contents of a folder's files.
    size_bytes : int
    untold : frozenset of str
        Fields of this class, of those above, that only running the package's own build tells.
    unsound : tuple of UnsoundWeights
        Weights that a card declares and that are not in it as declared.
    is_network : bool
        Whether it comes as a network file with a manifest.
    """

    kind: Kind
    distribution: str
    version: str
    summary: str
    licences: tuple[str, ...]
    licence_files: tuple[str, ...]
    publisher: str
    entries: tuple[ModelEntry, ...]
    models: tuple[OfferedModel, ...]
    requires: tuple[str, ...]
    build_requires: tuple[str, ...]
    sha256: str
    size_bytes: int
    untold: frozenset[str] = frozenset()
    unsound: tuple[UnsoundWeights, ...] = ()
    is_network: bool = False

    @property
    def licence(self) -> str:
        """What it states as its licence, in one line; empty where it states none."""
        return "; ".join(self.licences)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know before agreeing, one sentence each."""
        return tuple(_warnings(self))

    def as_kind(self, kind: Kind, sha256: str, size_bytes: int) -> Offer:
        """The same offer, come as another kind of file."""
        return replace(self, kind=kind, sha256=sha256, size_bytes=size_bytes)


def models_of_card(text: bytes) -> tuple[OfferedModel, ...]:
    """Read one ``medview_card.json``: a card, or a list of cards.

    Raises
    ------
    PackageError
        If it is no such document.
    """
    try:
        document = json.loads(text)
        cards = document if isinstance(document, list) else [document]
        return tuple(_model(card) for card in cards)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = f": {one_line(str(error), 200)}" if isinstance(error, ValueError) else ""
        if isinstance(error, KeyError):
            why = f": it has no {one_line(str(error), 60)}"
        raise PackageError(f"Its {CARD} is damaged{why}.", code="package-card") from error


def different_terms(shown: Offer, now: Offer) -> str:
    """Why what is there now is not what was agreed to; empty where it is.

    Parameters
    ----------
    shown : Offer
    now : Offer
        Of the wheel that would be installed. Build backends write some fields in other words, and
        leave some out; what they may not do is to say something else.
    """
    if shown.distribution and shown.distribution != now.distribution:
        return f"it calls itself '{now.distribution}', and '{shown.distribution}' was shown"
    if shown.version and not _same_version(shown.version, now.version):
        return f"it is version {now.version}, and {shown.version} was shown"
    if shown.models and set(shown.models) != set(now.models):
        return "its model cards are not the ones that were shown"
    if "entries" not in shown.untold and set(shown.entries) != set(now.entries):
        return "its models are not the ones that were shown"
    if "summary" not in shown.untold and now.summary not in ("", shown.summary):
        return f"it says '{now.summary}' of itself, and that was not shown"
    if "publisher" not in shown.untold and _words(now.publisher) not in (
        [],
        _words(shown.publisher),
    ):
        return f"its publisher is '{now.publisher}', and that was not shown"
    known = {licence.casefold() for licence in shown.licences}
    if "licences" not in shown.untold and now.licences and now.licences[0].casefold() not in known:
        return f"its licence is '{now.licences[0]}', and that was not shown"
    further = _needs(now.requires) - _needs(shown.requires)
    if "requires" not in shown.untold and further:
        return f"it needs '{min(further)}', and that was not shown"
    return ""


def _same_version(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other


def _words(text: str) -> list[str]:
    # Names and addresses come in several fields, whose order is the backend's.
    return sorted(re.findall(r"\w+", text.casefold()))


def _needs(requires: Iterable[str]) -> set[str]:
    """What of it applies here, written in one way."""
    found = set()
    for text in requires:
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            found.add(text)
            continue
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            wanted.marker = None
            found.add(str(wanted).replace(wanted.name, normalised(wanted.name), 1))
    return found


def offered_model(card: ModelCard) -> OfferedModel:
    """What a model says of itself once it runs, in the form in which a card was shown."""
    return OfferedModel(
        id=card.id,
        title=one_line(card.title),
        summary=one_line(card.summary),
        intended_use=one_line(card.intended_use),
        code_licence=one_line(card.code_licence),
        weights_licence=one_line(card.weights_licence),
        publisher=one_line(card.publisher),
        network=card.network,
        demonstration=card.demonstration,
        weights=tuple(
            OfferedWeights(
                one_line(each.name),
                one_line(each.sha256),
                one_line(each.licence),
                each.size_bytes,
                one_line(each.url),
                each.required,
            )
            for each in card.weights
        ),
    )


def _model(card: Mapping[str, Any]) -> OfferedModel:
    def text(name: str) -> str:
        value = card.get(name, "")
        return one_line(value) if isinstance(value, str) else ""

    return OfferedModel(
        id=one_line(str(card["id"])),
        title=text("title"),
        summary=text("summary"),
        intended_use=text("intended_use"),
        code_licence=text("code_licence"),
        weights_licence=text("weights_licence"),
        publisher=text("publisher"),
        network=card.get("network") is True,
        demonstration=card.get("demonstration") is True,
        weights=tuple(
            OfferedWeights(
                one_line(str(weights["name"])),
                one_line(str(weights.get("sha256", ""))),
                one_line(str(weights.get("licence", ""))),
                weights["size_bytes"] if isinstance(weights.get("size_bytes"), int) else None,
                one_line(str(weights.get("url", ""))),
                weights.get("required") is not False,
            )
            for weights in card.get("weights", ())
        ),
    )


def _warnings(offer: Offer) -> Iterator[str]:
    if not offer.models:
        yield (
            f"It says nothing of itself: there is no {CARD}, so its intended use and the licence "
            "of its weights are not known. Install it only if you trust where it comes from."
        )
    described = {model.id for model in offer.models}
    for entry in offer.entries:
        if offer.models and entry.id not in described:
            yield f"It brings a model '{entry.id}' of which its {CARD} says nothing."
        if entry.api != API:
            yield f"Its model '{entry.id}' speaks {entry.api}, and this medview {API}."
    for model in offer.models:
        if not model.intended_use:
            yield f"The model '{model.id}' does not state its intended use."
        if model.network:
            yield f"The model '{model.id}' asks for the network while it runs."
    yield from (weights.words for weights in offer.unsound)
    if offer.kind in ("folder", "zip"):
        yield "Installing it runs its own build code on this computer."
    if offer.kind == "bundle" and not offer.is_network:
        yield "Its configuration is code, which runs in a process of its own."
