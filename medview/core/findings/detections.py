"""`Detections`: things found at places, with a score and measurements each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Review = Literal["open", "accepted", "rejected", "edited"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A named number: value and UCUM unit (``"mm"``, ``"ml"``, ``"[hnsf'U]"``, ``"1"``)."""

    name: str
    value: float | str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing found.

    Attributes
    ----------
    id : str
        Unique in its `Detections`.
    label : str
    score : float
        0..1, as the model means it.
    centre, size : tuple of float
        On volumes LPS millimetres (x, y, z); on images and slides level-0
        pixels (x, y), x to the right and y down.
    measurements : tuple of Quantity
    review : {"open", "accepted", "rejected", "edited"}
    """

    id: str
    label: str
    score: float
    centre: tuple[float, ...]
    size: tuple[float, ...]
    measurements: tuple[Quantity, ...] = ()
    review: Review = "open"


@dataclass(frozen=True, slots=True)
class Detections:
    """All things of one kind that a model found; `score_meaning` says what scores are."""

    name: str
    items: tuple[Detection, ...] = field(default=())
    score_meaning: str = "score"
