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
