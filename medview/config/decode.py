"""JSON to settings and back: a wrong value costs that value alone, never the file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


class _Unfit(Exception):
    """A JSON value is not of the type that the field has."""


def encode(settings: Any) -> dict[str, Any]:
    """A dataclass as plain JSON values; tuples become lists when written."""
    return asdict(settings)


def decode(kind: type[T], record: Any, report: Callable[[str], None], place: str = "") -> T:
    """Build a `kind` from JSON; what is absent or wrong keeps its default.

    Parameters
    ----------
    kind : type
        A dataclass whose fields are bool, int, float, str, Literal of str, tuple of str
        or such dataclasses, all with defaults.
    record : object
        Parsed JSON. Unknown keys are passed over: an older or newer medview may know them.
    report : callable
        Called with the dotted name of each value that was there and wrong.
    place : str
        Dotted name of this section, for `report`.
    """
    if not isinstance(record, dict):
        report(place or "the whole file")
        record = {}
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for item in fields(kind):  # type: ignore[arg-type]
        if item.name not in record:
            continue
        name = f"{place}.{item.name}" if place else item.name
        hint = hints[item.name]
        if is_dataclass(hint):
            values[item.name] = decode(hint, record[item.name], report, name)  # type: ignore[arg-type]
            continue
        try:
            values[item.name] = _value(hint, record[item.name])
        except _Unfit:
            report(name)
    return kind(**values)


def _value(hint: Any, value: Any) -> Any:
    if get_origin(hint) is Literal:
        if value in get_args(hint):
            return value
    elif get_origin(hint) is tuple:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
    elif hint is float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    elif type(value) is hint:
        # Exact, because True is an int for isinstance.
        return value
    raise _Unfit
