"""Records that the models panel shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from medview.view.forms.field import FieldRow

ModelState = Literal["found", "ready", "broken", "incompatible", "disabled"]
Fit = Literal["fit", "doubtful", "unfit", "unknown"]


@dataclass(frozen=True, slots=True)
class CardFact:
    """One line of a model's card: what, and the words."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model.

    Attributes
    ----------
    id, title : str
    summary : str
        One or two sentences.
    state : str
        Whether it can be used at all.
    state_reason : str
        Why not.
    report : str
        Copyable text on what went wrong, without patient data.
    fit : str
        Whether it fits the open series; unknown while nothing is open.
    fit_reasons : tuple of str
    running : bool
        A run of it is queued or in progress on the open series.
    fields : tuple of FieldRow
        Parameters.
    facts : tuple of CardFact
        Intended use, licences, training data, measured numbers.
    demonstration : bool
    """

    id: str
    title: str
    summary: str = ""
    state: ModelState = "ready"
    state_reason: str = ""
    report: str = ""
    fit: Fit = "unknown"
    fit_reasons: tuple[str, ...] = ()
    running: bool = False
    fields: tuple[FieldRow, ...] = ()
    facts: tuple[CardFact, ...] = ()
    demonstration: bool = False
