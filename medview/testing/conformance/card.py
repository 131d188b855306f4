"""The card is complete, and says the same in code and in the package's data."""

from __future__ import annotations

import dataclasses
import importlib.resources
import json
from typing import Any

from medview.core.errors import MedviewError
from medview.host.card import ModelCard
from medview.host.card_json import read_card
from medview.testing.conformance.result import NotChecked
from medview.testing.conformance.subject import Subject
from medview.testing.conformance.trial import package_of

FILE = "medview_card.json"


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    offered = subject.offered
    if offered.error:
        raise NotChecked(f"It cannot be imported: {offered.error}")
    if offered.hooks:
        raise NotChecked("Its hooks must be right first.")
    if offered.card:
        raise AssertionError(" ".join(offered.card))
    card = offered.described
    assert isinstance(card, ModelCard)
    if card.weights and card.weights_licence.strip().lower() == "none":
        raise AssertionError("The card names weights, and no licence of weights.")
    package = package_of(subject.handle)
    try:
        text = importlib.resources.files(package).joinpath(FILE).read_text("utf-8")
    except (OSError, ValueError, ModuleNotFoundError, TypeError) as error:
        raise AssertionError(
            f"The package's data lacks a readable {FILE}, which is what people see before they "
            "install it."
        ) from error
    try:
        static = read_card(text)
    except MedviewError as error:
        raise AssertionError(f"{FILE} is no model card. {error.message}") from error
    ours, theirs = _plain(card), _plain(static)
    names = sorted(name for name in ours if ours[name] != theirs[name])
    if names:
        raise AssertionError(f"{FILE} and describe() differ in: {', '.join(names)}.")
    return f"It says what it must, and {FILE} equals describe()."


def _plain(card: ModelCard) -> dict[str, Any]:
    # Lists and tuples are one in JSON, and what is left out of the file has its default.
    plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(card)))
    return plain
