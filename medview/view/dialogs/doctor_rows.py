"""Records that the doctor shows."""

from __future__ import annotations

from dataclasses import dataclass

from medview.view.parts import Role


@dataclass(frozen=True, slots=True)
class DoctorLine:
    """One line: what, the words, and their tone."""

    name: str
    text: str
    role: Role = "text"


@dataclass(frozen=True, slots=True)
class DoctorRow:
    """What was found of one package.

    Attributes
    ----------
    title : str
        Name and version.
    verdict : str
        In a few words.
    is_sound : bool
    lines : tuple of DoctorLine
        The package's own, then those of each model.
    versions : str
        What it uses, each with its version; folded at first.
    """

    title: str
    verdict: str
    is_sound: bool
    lines: tuple[DoctorLine, ...]
    versions: str
