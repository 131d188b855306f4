"""Limits of a number in words, and what is wrong with one that was typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

# No thousands separators, and no comma: "1,250" is two numbers to two readers.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_WITH_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a number may be.

    Attributes
    ----------
    low, high : float or None
        Inclusive.
    whole : bool
        Whether it has nothing after the point.
    unit : str
    """

    low: float | None = None
    high: float | None = None
    whole: bool = False
    unit: str = ""

    @property
    def words(self) -> str:
        """E.g. ``"-1000 to 3000 HU"`` or ``"at least 5 mm"``; empty where there are none."""
        low, high = _written(self.low), _written(self.high)
        if low and high:
            text = f"{low} to {high}"
        elif low or high:
            text = f"at least {low}" if low else f"at most {high}"
        else:
            return ""
        return f"{text} {self.unit}".rstrip()

    def problem_of(self, text: str) -> str:
        """What is wrong with a typed number, e.g. ``"must be at most 9"``; empty for nothing."""
        number = parsed(text)
        if number is None:
            if _WITH_COMMA.fullmatch(_plain(text)):
                return "must be written with a point, such as 3.5"
            return self._must("be a whole number" if self.whole else "be a number")
        if self.whole and number != number.to_integral_value():
            return self._must("be a whole number")
        if self.nearest(number) != number:
            both = self.low is not None and self.high is not None
            return f"must be {'within ' if both else ''}{self.words}"
        return ""

    def nearest(self, number: Decimal) -> Decimal:
        """The number within the limits that is nearest to one."""
        if self.low is not None:
            number = max(number, decimal_of(self.low))
        if self.high is not None:
            number = min(number, decimal_of(self.high))
        return number

    def _must(self, what: str) -> str:
        return f"must {what}" + (f", {self.words}" if self.words else "")


def parsed(text: str) -> Decimal | None:
    """The number that a text is, exactly; None where it is none."""
    plain = _plain(text)
    return Decimal(plain) if _NUMBER.fullmatch(plain) else None


def decimal_of(number: float) -> Decimal:
    """The shortest decimal number that is this one."""
    return Decimal(repr(number))


def _plain(text: str) -> str:
    return text.strip().replace("\N{MINUS SIGN}", "-")


def _written(limit: float | None) -> str:
    if limit is None:
        return ""
    return f"{decimal_of(limit).normalize():f}"
