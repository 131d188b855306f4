"""`Grades`: one of several ordered classes for the whole image."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grade:
    """A class and its probability (0..1)."""

    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class Grades:
    """Class probabilities.

    Attributes
    ----------
    name : str
    classes : tuple of Grade
        In their order of severity; probabilities sum to 1.
    reported : str or None
        The class to show; None where the image cannot be graded.
    reason : str
        Why not; required where `reported` is None.
    """

    name: str
    classes: tuple[Grade, ...]
    reported: str | None
    reason: str = ""
