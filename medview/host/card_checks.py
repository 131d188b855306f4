"""The rules that a model card keeps before its model may be run."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import get_args

from medview.core.data.source import SourceKind
from medview.core.geometry.orient import Orientation
from medview.core.runctx import Precision
from medview.host.card import FindingName, InputSpec, ModelCard

_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(
    # Windows keeps some names for devices, with any extension.
    r"(?!(?i:con|prn|aux|nul|com\d|lpt\d)(?:\.|$))[A-Za-z0-9](?:[A-Za-z0-9._+-]{0,118}[A-Za-z0-9])?"
)
"""Ids and names of weights become names of files and folders on every system."""


def is_plain_name(name: object) -> bool:
    """Whether it can be the id of a model, or the name of a file of weights."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def card_problems(card: object, model_id: str) -> list[str]:
    """Every rule that the return value of ``describe`` breaks, one sentence each.

    Parameters
    ----------
    card : object
        What ``describe`` returned.
    model_id : str
        The entry point's name, which the card must repeat.
    """
    if not isinstance(card, ModelCard):
        return [f"describe returned {type(card).__name__}, not a ModelCard."]
    return list(_broken_rules(card, model_id))


def _broken_rules(card: ModelCard, model_id: str) -> Iterator[str]:
    if card.id != model_id:
        yield f"The card says id '{card.id}', the entry point '{model_id}'."
    if not is_plain_name(card.id):
        yield f"The id '{card.id}' must be letters, digits, dots and hyphens."
    for name in ("title", "summary", "intended_use", "code_licence", "weights_licence"):
        value = getattr(card, name)
        if not isinstance(value, str) or not value.strip():
            yield f"The card's '{name}' must be a text that says something."
    if not isinstance(card.input, InputSpec):
        yield f"The card's 'input' is {type(card.input).__name__}, not an InputSpec."
    elif card.input.kind not in get_args(SourceKind) or card.input.kind == "stack":
        yield f"The card's input kind '{card.input.kind}' is none that a model can take."
    else:
        yield from _broken_limits(card.input)
    if not card.produces or not set(card.produces) <= set(get_args(FindingName)):
        yield f"The card's 'produces' must name kinds of finding, not {card.produces!r}."
    if not set(card.precisions) <= set(get_args(Precision)):
        yield f"The card's 'precisions' must be among {', '.join(get_args(Precision))}."
    for weights in card.weights:
        if not is_plain_name(weights.name):
            yield f"The weights '{weights.name}' need the name of a file, without folders."
        if not _SHA256.fullmatch(weights.sha256):
            yield f"The weights '{weights.name}' need a SHA-256 of 64 lower-case digits."


def _broken_limits(spec: InputSpec) -> Iterator[str]:
    slices: object = spec.min_slices
    if not isinstance(slices, int) or isinstance(slices, bool) or slices < 1:
        yield f"The card's 'min_slices' must be a whole number from 1 on, not {slices!r}."
    for name in ("modalities", "body_parts", "planes"):
        values = getattr(spec, name)
        # A lone text would be searched letter by letter: "CT" would take the modality "C".
        if not isinstance(values, tuple) or not all(isinstance(v, str) for v in values):
            yield f"The card's '{name}' must be a tuple of texts, not {values!r}."
        elif name == "planes" and not set(values) <= set(get_args(Orientation)):
            yield f"The card's 'planes' must be among {', '.join(get_args(Orientation))}."
    lengths = ("max_spacing_mm", "refuse_spacing_mm", "min_coverage_mm", "refuse_coverage_mm")
    for name in lengths:
        if not _is_length(getattr(spec, name)):
            yield f"The card's '{name}' must be a length in mm, not {getattr(spec, name)!r}."


def _is_length(value: object) -> bool:
    if value is None:
        return True
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value > 0  # type: ignore[operator, arg-type]
