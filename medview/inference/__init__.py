"""The torch toolkit of plugins, reached as ``medview.api.inference`` from inside ``run``.

Importing this package imports torch, in the way that leaves other threads
free; so nothing that only shows pictures imports it. Its parts are loaded
when they are first asked for, MONAI not before a part needs it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from medview.inference.cold_start import import_monai, import_torch
from medview.inference.reproducible import reproducibly

if TYPE_CHECKING:
    from medview.inference.boxes import ScoredBox, find_boxes
    from medview.inference.checkpoint import fill, load_network, state_dict_of
    from medview.inference.feature_pyramid import FeaturePyramid
    from medview.inference.regrid import onto, oriented, spaced
    from medview.inference.sliding_window import (
        WindowPlan,
        autocast,
        averages,
        probability,
        segment,
    )

torch = import_torch()

_PARTS = {
    "FeaturePyramid": "feature_pyramid",
    "ScoredBox": "boxes",
    "WindowPlan": "sliding_window",
    "autocast": "sliding_window",
    "averages": "sliding_window",
    "fill": "checkpoint",
    "find_boxes": "boxes",
    "load_network": "checkpoint",
    "onto": "regrid",
    "oriented": "regrid",
    "probability": "sliding_window",
    "segment": "sliding_window",
    "spaced": "regrid",
    "state_dict_of": "checkpoint",
}

__all__ = [
    "FeaturePyramid",
    "ScoredBox",
    "WindowPlan",
    "autocast",
    "averages",
    "fill",
    "find_boxes",
    "import_monai",
    "import_torch",
    "load_network",
    "onto",
    "oriented",
    "probability",
    "reproducibly",
    "segment",
    "spaced",
    "state_dict_of",
    "torch",
]


def __getattr__(name: str) -> Any:
    if name in _PARTS:
        return getattr(importlib.import_module(f"medview.inference.{_PARTS[name]}"), name)
    raise AttributeError(f"module 'medview.inference' has no attribute '{name}'")
