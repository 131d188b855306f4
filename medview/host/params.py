"""Parameters of a model: fields of a frozen dataclass with unit, range and choices."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from medview.core.errors import UsageError
from medview.core.units import unit_in_words

T = TypeVar("T")
_KEY = "medview.param"


@dataclasses.dataclass(frozen=True, slots=True)
class ParamSpec:
    """One parameter as forms and ``--set`` see it.

    Attributes
    ----------
    name : str
    kind : {"bool", "int", "float", "text", "choice"}
    default : object
    label, help, unit : str
    low, high : float or None
        Inclusive limits of numbers.
    choices : tuple of str
    """

    name: str
    kind: Literal["bool", "int", "float", "text", "choice"]
    default: Any
    label: str = ""
    help: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


def param(
    default: T,
    *,
    label: str = "",
    help: str = "",  # noqa: A002  the word that every form and command line uses
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
) -> T:
    """A dataclass field that is a parameter.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Params:
    ...     closing_mm: float = param(10.0, label="Closing", unit="mm", low=0, high=30)
    ...     method: Literal["classical", "network"] = param("classical", label="Method")
    >>> [p.name for p in specs_of(Params)]
    ['closing_mm', 'method']
    """
    extra = {"label": label, "help": help, "unit": unit, "low": low, "high": high}
    return dataclasses.field(default=default, metadata={_KEY: extra})


def specs_of(params_type: type | None) -> tuple[ParamSpec, ...]:
    """The parameters that a dataclass declares; empty for None.

    Raises
    ------
    UsageError
        If it is no dataclass or a field has a type that no form can show.
    """
    if params_type is None:
        return ()
    if not dataclasses.is_dataclass(params_type):
        raise UsageError(f"{params_type.__name__} is not a dataclass.")
    hints = get_type_hints(params_type)
    specs = []
    for f in dataclasses.fields(params_type):
        hint = hints[f.name]
        choices: tuple[str, ...] = ()
        if get_origin(hint) is Literal and all(isinstance(c, str) for c in get_args(hint)):
            kind, choices = "choice", get_args(hint)
        elif hint in _KINDS:
            kind = _KINDS[hint]
        else:
            raise UsageError(f"Parameter '{f.name}' has type {hint}, which no form can show.")
        extra = dict(f.metadata.get(_KEY, {}))
        extra["label"] = extra.get("label") or f.name.replace("_", " ").capitalize()
        specs.append(
            ParamSpec(f.name, kind, f.default, choices=choices, **extra)  # type: ignore[arg-type]
        )
    return tuple(specs)


_KINDS = {bool: "bool", int: "int", float: "float", str: "text"}


def build(params_type: type | None, values: Mapping[str, Any]) -> Any:
    """An instance of `params_type` from values or their text, checked.

    Parameters
    ----------
    params_type : dataclass type or None
        None accepts no values and gives None.
    values : mapping of str to object
        Typed values, or strings as ``--set name=value`` gives them.

    Raises
    ------
    UsageError
        For an unknown name, a value that cannot be read, is out of range or no choice.
    """
    specs = {s.name: s for s in specs_of(params_type)}
    for name in values:
        if name not in specs:
            known = ", ".join(specs) or "none"
            raise UsageError(f"There is no parameter '{name}'; known: {known}.")
    if params_type is None:
        return None
    return params_type(**{name: _read(specs[name], value) for name, value in values.items()})


def problems_of(params_type: Any) -> list[str]:
    """Why a module's ``Params`` cannot be shown as a form that can be sent off as it is."""
    if params_type is None:
        return []
    if not isinstance(params_type, type) or not dataclasses.is_dataclass(params_type):
        return ["Params must be a frozen dataclass."]
    try:
        specs = specs_of(params_type)
    except UsageError as error:
        return [error.message]
    without = [spec.name for spec in specs if spec.default is dataclasses.MISSING]
    if without:
        return [f"Parameter '{name}' needs a default." for name in without]
    try:
        build(params_type, {spec.name: spec.default for spec in specs})
    except UsageError as error:
        return [f"A default is no value that its parameter may have: {error.message}"]
    return []


def _read(spec: ParamSpec, value: Any) -> Any:
    try:
        if spec.kind == "bool":
            result: Any = value if isinstance(value, bool) else _BOOLS[str(value).lower()]
        elif spec.kind == "int":
            result = int(value)
            if isinstance(value, float) and value != result:
                raise ValueError
        elif spec.kind == "float":
            result = float(value)
            if not math.isfinite(result):
                raise ValueError
        else:
            result = str(value)
    except (KeyError, ValueError, TypeError, OverflowError):
        raise UsageError(
            f"'{value}' is {_NO_VALUE[spec.kind]} for the parameter '{spec.name}'."
        ) from None
    if spec.choices and result not in spec.choices:
        raise UsageError(f"'{spec.name}' must be one of {', '.join(spec.choices)}, not '{value}'.")
    if spec.kind in ("int", "float"):
        low = float("-inf") if spec.low is None else spec.low
        high = float("inf") if spec.high is None else spec.high
        if not low <= result <= high:
            limits = f"{low:g}..{high:g} {unit_in_words(spec.unit)}".rstrip()
            raise UsageError(f"'{spec.name}' must be within {limits}, not {value}.")
    return result


_NO_VALUE = {
    "bool": "neither true nor false",
    "int": "no whole number",
    "float": "no number",
    "text": "no text",
    "choice": "no text",
}
_BOOLS = {
    "true": True,
    "yes": True,
    "1": True,
    "on": True,
    "false": False,
    "no": False,
    "0": False,
    "off": False,
}


def as_json(params: Any) -> dict[str, Any]:
    """Values by name, defaults included, for provenance."""
    return {} if params is None else dataclasses.asdict(params)
