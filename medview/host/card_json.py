"""``medview_card.json``: a model card as text, read without importing the model."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from enum import Enum
from typing import Any

from medview.core.errors import InputError
from medview.host.card import ModelCard

_LONGEST = 4 << 20


def card_text(card: ModelCard) -> str:
    """The card as JSON, as it ships in a package."""
    return json.dumps(dataclasses.asdict(card), indent=2, ensure_ascii=False) + "\n"


def read_card(text: str) -> ModelCard:
    """Read a card strictly.

    Raises
    ------
    InputError
        If it is no JSON, a field is missing, unknown or of another type.
    """
    if len(text) > _LONGEST:
        raise InputError("This model card is too large to be one.", code="card")
    try:
        data = json.loads(text)
        card = _record(ModelCard, data)
    except (ValueError, TypeError, RecursionError) as error:
        raise InputError(f"This model card is damaged: {error}.", code="card") from error
    assert isinstance(card, ModelCard)
    return card


def _record(kind: type, data: Any) -> Any:
    if not isinstance(data, dict):
        raise TypeError(f"{kind.__name__} must be an object")
    hints = typing.get_type_hints(kind)
    known = {f.name for f in dataclasses.fields(kind)}
    if unknown := sorted(set(data) - known):
        raise TypeError(f"'{unknown[0]}' is no field of {kind.__name__}")
    return kind(**{name: _value(hints[name], value, name) for name, value in data.items()})


def _value(hint: Any, value: Any, name: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        inner = [a for a in arguments if a is not type(None)]
        return None if value is None else _value(inner[0], value, name)
    if origin is typing.Literal:
        if value not in arguments:
            raise TypeError(f"'{name}' is {value!r}")
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise TypeError(f"'{name}' must be a list")
        return tuple(_value(arguments[0], v, name) for v in value)
    if dataclasses.is_dataclass(hint):
        return _record(hint, value)  # type: ignore[arg-type]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    wanted = (int, float) if hint is float else hint
    if not isinstance(value, wanted) or (isinstance(value, bool) and hint is not bool):
        raise TypeError(f"'{name}' must be {hint.__name__}")
    return value
