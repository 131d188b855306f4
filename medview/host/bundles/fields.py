"""Read fields of foreign JSON strictly: the type must be right, and errors name the field."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from medview.host.bundles.files import refused

Object = Mapping[str, Any]
_LONGEST = 4000


def parse_object(text: str, name: str) -> Object:
    """The JSON object in a text; raises `InputError` for anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refused(f"The file {name} is no valid JSON.") from error
    if not isinstance(value, dict):
        raise refused(f"The file {name} does not hold a JSON object.")
    return value


def text(data: Object, key: str, default: str | None = None) -> str:
    """A text that says something; `default` where the field is absent or null."""
    value = data.get(key)
    if value is None and default is not None:
        return default
    if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
        value = ", ".join(value)
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        raise refused(f"Its field '{key}' must be a text that says something.")
    return " ".join(value.split())


def texts(data: Object, key: str) -> tuple[str, ...]:
    """A list of texts, or one; empty where the field is absent."""
    value = data.get(key)
    if value is None or value == "":
        return ()
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise refused(f"Its field '{key}' must be a list of texts.")
    return tuple(" ".join(v.split())[:_LONGEST] for v in values if v.strip())


def choice(data: Object, key: str, known: tuple[str, ...], default: str | None = None) -> str:
    """One of several words."""
    value = data.get(key, default)
    if value not in known:
        raise refused(f"Its field '{key}' must be one of {', '.join(known)}, not {value!r}.")
    return str(value)


def number(data: Object, key: str, low: float, high: float, default: float | None = None) -> float:
    """A finite number within limits, both included."""
    value = data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise refused(f"Its field '{key}' must be a number.")
    if not low <= value <= high:
        raise refused(f"Its field '{key}' must be within {low:g} and {high:g}, not {value:g}.")
    return float(value)


def whole(data: Object, key: str, low: int, high: int, default: int | None = None) -> int:
    """A whole number within limits, both included."""
    value = number(data, key, low, high, default)
    if value != int(value):
        raise refused(f"Its field '{key}' must be a whole number.")
    return int(value)


def numbers(data: Object, key: str, count: int) -> tuple[float, ...]:
    """Exactly so many finite numbers."""
    values = data.get(key)
    if not isinstance(values, list) or len(values) != count:
        raise refused(f"Its field '{key}' must be a list of {count} numbers.")
    return tuple(number({key: v}, key, -math.inf, math.inf) for v in values)


def flag(data: Object, key: str, default: bool) -> bool:
    """True or false."""
    value = data.get(key, default)
    if not isinstance(value, bool):
        raise refused(f"Its field '{key}' must be true or false.")
    return value


def object_at(data: Object, key: str) -> Object:
    """An object inside an object; raises where it is absent."""
    value = data.get(key)
    if not isinstance(value, dict):
        raise refused(f"Its field '{key}' must be an object.")
    return value


def only(data: Object, known: tuple[str, ...], where: str) -> None:
    """Refuse fields that have no meaning here: a misspelt one must not be ignored."""
    for key in data:
        if key not in known:
            raise refused(f"'{key}' is no field of {where}; known: {', '.join(known)}.")
