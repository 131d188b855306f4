"""The codec of parameters: what a form needs crosses and becomes a dataclass like the first."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Literal

from medview.core.errors import MedviewError
from medview.host.params import ParamSpec, param, specs_of
from medview.worker.structure import CodecError, read_value

_KINDS = {"bool": bool, "int": int, "float": float, "text": str, "choice": str}
_TEXTS = ("label", "help", "unit")
_MAX_PARAMETERS = 200


def encode_params_type(params_type: type | None) -> list[dict[str, Any]] | None:
    """JSON of the parameters that a model declares; None where it has none."""
    if params_type is None:
        return None
    return [dataclasses.asdict(spec) for spec in specs_of(params_type)]


def decode_params_type(data: object) -> type | None:
    """A frozen dataclass with the fields, limits and choices that were declared.

    Raises
    ------
    CodecError
        If they are no parameters that a form could show.
    """
    if data is None:
        return None
    if not isinstance(data, list) or len(data) > _MAX_PARAMETERS:
        raise CodecError("The parameters of the model are not in order.")
    try:
        fields = [_field(_spec(entry)) for entry in data]
        made = dataclasses.make_dataclass("Params", fields, frozen=True)
        specs_of(made)
    except CodecError:
        raise
    except (TypeError, ValueError, KeyError, MedviewError) as error:
        raise CodecError("The parameters of the model are not in order.") from error
    return made


def _spec(entry: dict[str, Any]) -> ParamSpec:
    kind = read_value(Literal["bool", "int", "float", "text", "choice"], entry["kind"], "a kind")
    return ParamSpec(
        name=read_value(str, entry["name"], "a name"),
        kind=kind,
        default=read_value(_KINDS[kind], entry["default"], "a default"),
        low=_limit(entry["low"]),
        high=_limit(entry["high"]),
        choices=read_value(tuple[str, ...], entry["choices"], "choices"),
        **{name: read_value(str, entry[name], name) for name in _TEXTS},
    )


def _limit(value: object) -> float | None:
    limit: float | None = read_value(float | None, value, "a limit")
    return limit if limit is None or math.isfinite(limit) else None


def _field(spec: ParamSpec) -> tuple[str, Any, Any]:
    hint: Any = Literal[spec.choices] if spec.kind == "choice" else _KINDS[spec.kind]
    field = param(
        spec.default,
        label=spec.label,
        help=spec.help,
        unit=spec.unit,
        low=spec.low,
        high=spec.high,
    )
    return spec.name, hint, field
