"""The card is complete, and says the same in code and in the package's data."""

from __future__ import annotations

import dataclasses
import importlib.resources
import json

from medview.host.card_checks import card_problems
from medview.testing.conformance.subject import Subject

FILE = "medview_card.json"


def check(subject: Subject) -> str:
    """Pass with a sentence, or fail with an `AssertionError`."""
    loaded = subject.handle.loaded()
    card = loaded.plugin.describe()
    problems = card_problems(card, subject.handle.id)
    if problems:
        raise AssertionError(" ".join(problems))
    described = json.loads(json.dumps(dataclasses.asdict(card)))
    try:
        text = importlib.resources.files(loaded.package).joinpath(FILE).read_text("utf-8")
        static = json.loads(text)
    except (OSError, ValueError) as error:
        raise AssertionError(f"The package's data lacks a readable {FILE}.") from error
    if not isinstance(static, dict):
        raise AssertionError(f"{FILE} is no JSON object.")
    names = sorted(
        name
        for name in {*static, *described}
        if static.get(name, _ABSENT) != described.get(name, _ABSENT)
    )
    if names:
        raise AssertionError(f"{FILE} and describe() differ in: {', '.join(names)}.")
    return f"{FILE} equals describe()."


_ABSENT = object()
