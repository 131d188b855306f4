"""A remark about data or a result: a stable code for scripts and a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """One repair, warning or doubt.

    Attributes
    ----------
    code : str
        Stable kebab-case identifier, e.g. ``"gantry-tilt-corrected"``.
    message : str
        One sentence, free of patient identifiers.
    """

    code: str
    message: str

    def as_json(self) -> dict[str, str]:
        """As the ``{"code", "message"}`` pair of every JSON document."""
        return {"code": self.code, "message": self.message}


MOST_NOTICES = 50
"""Of one run; nobody reads more, and a model may doubt each of ten thousand patches."""


class Notices:
    """Notices of one run, each once, in order; those beyond `MOST_NOTICES` are counted."""

    def __init__(self) -> None:
        self._kept: dict[Notice, None] = {}
        self._more = 0

    def add(self, notice: Notice) -> Notice | None:
        """Take a notice; gives what to tell of it: itself, that there are more, or nothing."""
        if notice in self._kept:
            return None
        if len(self._kept) < MOST_NOTICES:
            self._kept[notice] = None
            return notice
        self._more += 1
        if self._more > 1:
            return None
        return Notice("more-warnings", "There are more warnings, which are not listed.")

    def all(self) -> tuple[Notice, ...]:
        """What is kept, and how many more there were."""
        if not self._more:
            return tuple(self._kept)
        told = "1 more warning is" if self._more == 1 else f"{self._more} more warnings are"
        return (*self._kept, Notice("more-warnings", f"{told} not listed."))
