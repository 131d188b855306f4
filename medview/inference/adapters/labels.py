"""Names and colours of the structures that a model file declares."""

from __future__ import annotations

import colorsys

from medview.core.findings.labelmap import Code, Label

_GOLDEN = 0.618033988749895


def label(
    value: int,
    name: str,
    rgb: tuple[int, int, int] | None = None,
    code: Code | None = None,
) -> Label:
    """A label; without a colour it gets one that its neighbours do not have."""
    return Label(value, name, rgb or _colour(value), code)


def class_name(names: tuple[str, ...], channel: int) -> str:
    """The declared name of a channel, or a number."""
    return names[channel] if channel < len(names) else f"Class {channel}"


def _colour(value: int) -> tuple[int, int, int]:
    # Hues a golden section apart never come close, however many there are.
    hue = (0.58 + value * _GOLDEN) % 1
    r, g, b = colorsys.hsv_to_rgb(hue, 0.55 + 0.2 * (value % 2), 0.95)
    return round(r * 255), round(g * 255), round(b * 255)
