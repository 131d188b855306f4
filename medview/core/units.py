"""Units and numbers as people write them."""

from __future__ import annotations

_WRITTEN = {"1": "", "[hnsf'U]": "HU", "Cel": "°C", "um": "µm", "um2": "µm²", "mm2": "mm²",
            "mm3": "mm³", "cm2": "cm²", "cm3": "cm³", "{SUVbw}g/ml": "SUV", "deg": "°"}  # fmt: skip
"""UCUM codes that are not what people write."""


def unit_in_words(ucum: str) -> str:
    """A UCUM code as people write it: ``"HU"`` for ``"[hnsf'U]"``; others as they are."""
    return _WRITTEN.get(ucum, ucum)


def number_in_words(value: float) -> str:
    """A number to four figures, and large ones to the whole, without a power of ten."""
    return f"{value:.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"


def measured_in_words(value: float | str, ucum: str) -> str:
    """A value with its unit; text is kept."""
    number = value if isinstance(value, str) else number_in_words(value)
    return f"{number} {unit_in_words(ucum)}".rstrip()
