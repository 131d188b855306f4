"""The codec of records: a closed set of dataclasses to JSON and back, every value checked."""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np

from medview.core.data.series import SlideLevel
from medview.core.data.source import SourceInfo
from medview.core.errors import MedviewError
from medview.core.findings.detections import Detection, Detections, Quantity
from medview.core.findings.grades import Grade, Grades
from medview.core.findings.labelmap import Code, Label
from medview.core.findings.measurements import Measurements
from medview.core.geometry.grid import Grid
from medview.core.notice import Notice
from medview.core.printable import printable
from medview.host.card import DeviceNeeds, Evaluation, InputSpec, ModelCard, WeightsFile
from medview.host.verdict import Verdict

T = TypeVar("T")

RECORDS = (
    Code, Detection, Detections, DeviceNeeds, Evaluation, Grade, Grades, InputSpec, Label,
    Measurements, ModelCard, Notice, Quantity, SlideLevel, SourceInfo, Verdict, WeightsFile,
)  # fmt: skip
"""All that may cross as records; arrays have their own way (`medview.worker.blocks`)."""

MAX_TEXT = 20_000
MAX_ITEMS = 100_000
_MAX_INT = 2**63


class CodecError(MedviewError):
    """A value is not what its place demands; the sentence names both."""

    code = "invalid-message"


def encode(value: object) -> Any:
    """JSON for a record, a grid, a tuple or a plain value; says what is there, right or wrong.

    Raises
    ------
    CodecError
        For an object of any other kind.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if isinstance(value, Grid):
        return {
            "shape": list(value.shape),
            "index_to_lps": [float(x) for x in value.index_to_lps.ravel()],
            "frame_of_reference": value.frame_of_reference,
        }
    if type(value) in RECORDS:
        fields = dataclasses.fields(cast("Any", value))
        return {field.name: encode(getattr(value, field.name)) for field in fields}
    raise CodecError(f"A value of type {type(value).__name__} cannot be handed over.")


def decode(kind: type[T], data: object) -> T:
    """A record of the closed set from JSON.

    Raises
    ------
    CodecError
        If anything in it is of another type, too long, unknown or missing.
    """
    return cast("T", read_value(kind, data, kind.__name__))


def read_value(hint: Any, data: object, where: str) -> Any:
    """A value of an annotated type from JSON; `where` names it in errors."""
    return _read(hint, data, where)


def _read(hint: Any, data: object, where: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _union(get_args(hint), data, where)
    if origin is Literal:
        if isinstance(data, str) and data in get_args(hint):
            return data
        raise _wrong(where, f"one of {', '.join(map(str, get_args(hint)))}", data)
    if origin is tuple:
        return _tuple(get_args(hint), data, where)
    if hint is Grid:
        return _grid(data, where)
    if isinstance(hint, type) and issubclass(hint, Enum):
        try:
            return hint(data)
        except ValueError:
            raise _wrong(where, f"a {hint.__name__}", data) from None
    if hint in RECORDS:
        return _record(hint, data, where)
    reader = _PLAIN.get(hint)
    if reader is None:
        raise CodecError(f"{where} has a type that cannot be handed over.")
    return reader(data, where)


def _union(choices: tuple[Any, ...], data: object, where: str) -> Any:
    if data is None and type(None) in choices:
        return None
    rest = [choice for choice in choices if choice is not type(None)]
    for choice in rest[:-1]:
        try:
            return _read(choice, data, where)
        except CodecError:
            continue
    return _read(rest[-1], data, where)


def _tuple(kinds: tuple[Any, ...], data: object, where: str) -> tuple[Any, ...]:
    if not isinstance(data, list) or len(data) > MAX_ITEMS:
        raise _wrong(where, f"a list of at most {MAX_ITEMS}", data)
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_read(kinds[0], item, where) for item in data)
    if len(data) != len(kinds):
        raise CodecError(f"{where} has {len(data)} values, not {len(kinds)}.")
    return tuple(_read(kind, item, where) for kind, item in zip(kinds, data, strict=True))


def _record(kind: type, data: object, where: str) -> Any:
    if not isinstance(data, Mapping):
        raise _wrong(where, f"a {kind.__name__}", data)
    hints = _hints(kind)
    unknown = sorted(set(data) - set(hints))
    if unknown:
        raise CodecError(f"{where} has unknown parts: {', '.join(map(str, unknown[:5]))}.")
    values = {name: _read(hints[name], data[name], f"{where}.{name}") for name in data}
    try:
        return kind(**values)
    except TypeError:
        missing = sorted(set(hints) - set(values))
        raise CodecError(f"{where} lacks one of {', '.join(missing)}.") from None


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _grid(data: object, where: str) -> Grid:
    if not isinstance(data, Mapping):
        raise _wrong(where, "a grid", data)
    shape = _tuple((int, int, int), data.get("shape"), f"{where}.shape")
    matrix = _tuple((float,) * 16, data.get("index_to_lps"), f"{where}.index_to_lps")
    frame = _union((str, type(None)), data.get("frame_of_reference"), where)
    try:
        return Grid(cast("tuple[int, int, int]", shape), np.reshape(matrix, (4, 4)), frame)
    except MedviewError as error:
        raise CodecError(f"{where}: {error.message}") from None


def _wrong(where: str, wanted: str, data: object) -> CodecError:
    return CodecError(f"{where} must be {wanted}, not {type(data).__name__}.")


def _text(data: object, where: str) -> str:
    if not isinstance(data, str) or len(data) > MAX_TEXT:
        raise _wrong(where, f"a text of at most {MAX_TEXT} characters", data)
    return printable(data)


def _int(data: object, where: str) -> int:
    if isinstance(data, bool) or not isinstance(data, int) or abs(data) > _MAX_INT:
        raise _wrong(where, "a whole number", data)
    return data


def _float(data: object, where: str) -> float:
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise _wrong(where, "a number", data)
    try:
        return float(data)
    except OverflowError:
        raise _wrong(where, "a number", data) from None


def _bool(data: object, where: str) -> bool:
    if not isinstance(data, bool):
        raise _wrong(where, "true or false", data)
    return data


_PLAIN: dict[Any, Callable[[object, str], Any]] = {
    str: _text, int: _int, float: _float, bool: _bool,
}  # fmt: skip
