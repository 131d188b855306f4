"""Colour tables: label colours, heatmap colour maps and the colours of detections."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import UsageError
from medview.core.findings.detections import Review
from medview.core.findings.labelmap import LabelMap, Rgb
from medview.core.resources import resource
from medview.core.scene.layer import LayerState

Rgba = NDArray[np.uint8]
"""(n, 4) table of red, green, blue and straight alpha, 0..255."""


def label_table(labelmap: LabelMap, state: LayerState, alpha: float) -> Rgba:
    """The colour of every value a label map can hold.

    Background, hidden labels and values without a label are transparent.

    Parameters
    ----------
    labelmap : LabelMap
    state : LayerState
        Its hidden labels.
    alpha : float
        0..1, of the shown labels.

    Returns
    -------
    (256 or 65536, 4) ndarray of uint8
    """
    table = np.zeros((2 ** (8 * labelmap.array.dtype.itemsize), 4), dtype=np.uint8)
    for label in labelmap.labels:
        if label.value not in state.hidden_labels:
            table[label.value] = (*label.rgb, round(255 * min(max(alpha, 0.0), 1.0)))
    return table


def heat_table(name: str | None = None, size: int = 256) -> Rgba:
    """A colour map, opaque, from low to high; lightness grows all the way.

    Raises
    ------
    UsageError
        If there is no map of this name.
    """
    document = _document()
    maps = document["maps"]
    name = name or document["default_map"]
    if name not in maps:
        raise UsageError(f"There is no colour map called {name!r}; there are {', '.join(maps)}.")
    places = np.array([stop for stop, _ in maps[name]], dtype=float)
    colours = np.array([rgb for _, rgb in maps[name]], dtype=float)
    at = np.linspace(0, 1, size)
    table = np.full((size, 4), 255, dtype=np.uint8)
    for channel in range(3):
        table[:, channel] = np.round(np.interp(at, places, colours[:, channel]))
    return table


def detection_colour(review: Review) -> Rgb:
    """The colour of a detection's outline by what the reader decided."""
    red, green, blue = _document()["detections"][review]
    return int(red), int(green), int(blue)


def overlay_colour(state: LayerState) -> Rgb:
    """The colour of overlay graphics: that of the reader, else the first one."""
    red, green, blue = state.rgb or _document()["overlay"]
    return int(red), int(green), int(blue)


def overlay_table(state: LayerState) -> Rgba:
    """(256, 4): one colour, from transparent to the opacity of the layer."""
    table = np.zeros((256, 4), dtype=np.uint8)
    table[:, :3] = overlay_colour(state)
    table[:, 3] = np.round(np.arange(256) * min(max(state.opacity, 0.0), 1.0))
    return table


def _document() -> dict[str, Any]:
    text = resource("colours", "maps.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
