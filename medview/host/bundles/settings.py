"""The settings that a bundle's author offers, as the dataclass of parameters that forms show."""

from __future__ import annotations

import dataclasses
import keyword
from typing import Any

from medview.host.bundles.inference_config import Setting
from medview.host.params import param

SCORE_THRESHOLD = "score_threshold"
_DEFAULT_THRESHOLD = 0.5


def params_type(settings: tuple[tuple[str, Setting], ...], *, detects: bool) -> type | None:
    """A frozen dataclass with one parameter for each setting; None where there is none.

    A setting whose name no dataclass can have is left as its author set it.
    Detectors get a threshold beside their own, which keep hundreds of boxes.
    """
    fields: list[tuple[str, type, Any]] = [
        (name, type(value), param(value))
        for name, value in settings
        if name.isidentifier() and not keyword.iskeyword(name) and name != SCORE_THRESHOLD
    ]
    if detects:
        threshold = param(
            _DEFAULT_THRESHOLD,
            label="Score threshold",
            help="Boxes with a lower score are left out. The score is not a probability.",
            low=0.0,
            high=1.0,
        )
        fields.append((SCORE_THRESHOLD, float, threshold))
    if not fields:
        return None
    return dataclasses.make_dataclass("Params", fields, frozen=True)
