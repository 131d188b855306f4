"""`Verdict`: whether a model fits a source, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Fit = Literal["fit", "doubtful", "unfit"]
_RANK = {"fit": 0, "doubtful": 1, "unfit": 2}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ``applicable`` returns.

    Attributes
    ----------
    fit : {"fit", "doubtful", "unfit"}
    reasons : tuple of str
        Sentences; at least one unless it fits.
    """

    fit: Fit
    reasons: tuple[str, ...] = ()

    @classmethod
    def fits(cls) -> Verdict:
        """The source is what the model was made for."""
        return cls("fit")

    @classmethod
    def doubtful(cls, *reasons: str) -> Verdict:
        """It may run, and the reader is told why the result may be poor."""
        return cls("doubtful", reasons)

    @classmethod
    def unfit(cls, *reasons: str) -> Verdict:
        """It must not run."""
        return cls("unfit", reasons)

    def and_also(self, other: Verdict) -> Verdict:
        """The stricter of two verdicts with the reasons of both, each once."""
        fit = max(self.fit, other.fit, key=_RANK.__getitem__)
        return Verdict(fit, tuple(dict.fromkeys(self.reasons + other.reasons)))
