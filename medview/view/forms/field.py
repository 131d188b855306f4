"""`FieldRow`: one parameter of a model as a form shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["bool", "int", "float", "text", "choice"]
Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field.

    Attributes
    ----------
    name : str
        Key of its value.
    kind : {"bool", "int", "float", "text", "choice"}
    default : bool, int, float or str
    label, help, unit : str
    low, high : float or None
        Inclusive limits of numbers.
    choices : tuple of str
    """

    name: str
    kind: FieldKind
    default: Value
    label: str = ""
    help: str = ""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
