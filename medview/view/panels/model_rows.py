"""Records that the models panel shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from medview.view.forms.field import FieldRow

ModelState = Literal["found", "ready", "broken", "incompatible", "disabled"]
Fit = Literal["fit", "doubtful", "unfit", "unknown"]
PackageAct = Literal["enable", "disable", "upgrade", "roll-back", "remove", "examine"]


@dataclass(frozen=True, slots=True)
class CardFact:
    """One line of a model's card: what, and the words."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """The package that brings a model, and what can be done with it.

    Attributes
    ----------
    name, version : str
    where : str
        Where it is installed, in words.
    former : str
        The version that can be gone back to; empty for none.
    is_own : bool
        Whether it lies in a directory of its own, and so can be upgraded and removed.
    is_on : bool
        Whether the reader has not switched it off.
    can_switch : bool
        Whether that would change anything: a session may leave out models for other reasons.
    """

    name: str
    version: str
    where: str = ""
    former: str = ""
    is_own: bool = False
    is_on: bool = True
    can_switch: bool = True


@dataclass(frozen=True, slots=True)
class NetworkWish:
    """A model that asks for the network: whether the reader agreed, and what holds now."""

    is_agreed: bool
    words: str


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
    waiting : str
        What stands in place of the verdict while the fit is unknown, e.g. that it is being judged.
    failure : str
        How its last run on the open series failed; empty where it did not.
    running : bool
        A run of it is queued or in progress on the open series.
    fields : tuple of FieldRow
        Parameters.
    facts : tuple of CardFact
        Intended use, licences, training data, measured numbers.
    demonstration : bool
    key : int
        Number of the key that runs it, with Ctrl and Shift; 0 for none.
    package : PackageFacts or None
    network : NetworkWish or None
        None where it does not ask for it.
    """

    id: str
    title: str
    summary: str = ""
    state: ModelState = "ready"
    state_reason: str = ""
    report: str = ""
    fit: Fit = "unknown"
    fit_reasons: tuple[str, ...] = ()
    waiting: str = ""
    failure: str = ""
    running: bool = False
    fields: tuple[FieldRow, ...] = ()
    facts: tuple[CardFact, ...] = ()
    demonstration: bool = False
    key: int = 0
    package: PackageFacts | None = None
    network: NetworkWish | None = None
