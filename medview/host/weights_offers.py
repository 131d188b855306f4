"""`WeightsOffer`: a file of weights that can be installed, from the catalogue or from a card."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields

from medview.core.errors import WeightsError
from medview.core.resources import resource
from medview.host.card import ModelCard

SCHEMA = "medview.weights-catalogue/1"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


@dataclass(frozen=True, slots=True)
class WeightsOffer:
    """What is known of a weights file before it is here.

    Attributes
    ----------
    name : str
        File name under which ``ctx.weights(name)`` finds it.
    model : str
        Id of the model that it serves.
    title, publisher, licence, citation : str
        Shown before anyone agrees.
    url : str
        Where it can be had; empty where only from a file.
    sha256, sha256_prefix, md5 : str or None
        Hexadecimal, as the publisher states them; None where not stated.
    size_bytes : int or None
        None where it is not known.
    path : str
        Where the file lies in the publisher's folder (a MONAI bundle).
    """

    name: str
    model: str
    title: str
    publisher: str
    licence: str
    citation: str
    url: str
    sha256: str | None = None
    sha256_prefix: str | None = None
    md5: str | None = None
    size_bytes: int | None = None
    path: str = ""

    def __post_init__(self) -> None:
        for part in (self.name, self.model):
            if not _PLAIN.fullmatch(part):
                raise WeightsError(f"'{part}' is no name for weights.", code="weights-undeclared")

    def mismatch(self, sha256: str, md5: str, size: int) -> str:
        """Why a file cannot be this one, in a sentence; empty where nothing speaks against it."""
        if self.size_bytes is not None and size != self.size_bytes:
            return f"it has {size} bytes and should have {self.size_bytes}"
        if self.sha256 is not None and sha256 != self.sha256:
            return "its SHA-256 is another"
        if self.sha256_prefix is not None and not sha256.startswith(self.sha256_prefix):
            return f"its SHA-256 does not begin with {self.sha256_prefix}"
        if self.md5 is not None and md5 != self.md5:
            return "its MD5 is another"
        return ""

    @property
    def is_pinned(self) -> bool:
        """Whether the publisher states any hash."""
        return any((self.sha256, self.sha256_prefix, self.md5))


def public_offers() -> tuple[WeightsOffer, ...]:
    """The public weights that medview knows (``resources/weights/catalogue.json``)."""
    text = resource("weights", "catalogue.json").read_text(encoding="utf-8")
    return read_offers(text)


def read_offers(text: str) -> tuple[WeightsOffer, ...]:
    """Read a catalogue; raises `WeightsError` if it is damaged or of another format."""
    try:
        data = json.loads(text)
        if data["schema"] != SCHEMA:
            raise ValueError(data["schema"])
        names = {field.name for field in fields(WeightsOffer)}
        return tuple(
            WeightsOffer(**{key: value for key, value in entry.items() if key in names})
            for entry in data["files"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError("The catalogue of weights is damaged.") from error


def offers_of_card(card: ModelCard) -> tuple[WeightsOffer, ...]:
    """What a card declares and does not bring along itself."""
    return tuple(
        WeightsOffer(
            name=weights.name,
            model=card.id,
            title=f"Weights of {card.title}",
            publisher=card.publisher,
            licence=weights.licence,
            citation="; ".join(card.references),
            url=weights.url,
            sha256=weights.sha256,
            size_bytes=weights.size_bytes,
            path=weights.name,
        )
        for weights in card.weights
        if weights.url
    )


def all_offers(
    cards: Iterable[ModelCard], public: tuple[WeightsOffer, ...] | None = None
) -> tuple[WeightsOffer, ...]:
    """Cards' offers and the public ones, each once; a card knows its own weights best."""
    found: dict[tuple[str, str], WeightsOffer] = {}
    own = [offer for card in cards for offer in offers_of_card(card)]
    for offer in (*own, *(public_offers() if public is None else public)):
        found.setdefault((offer.model, offer.name), offer)
    return tuple(found.values())
