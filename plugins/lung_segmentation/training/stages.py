"""What the stages of the training differ in."""

from __future__ import annotations

from dataclasses import dataclass

from plugins.lung_segmentation.training.disease import Shares


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the training.

    Attributes
    ----------
    steps : int
    peak : float
        The highest learning rate of its one cycle.
    dense_weight : float
        How much more than air dense lung counts.
    ill : float
        Share of examples with disease.
    shares : Shares
        Of the kinds of disease.
    longest : float
        How far central masses are stretched along the body.
    heart : float
        Share of examples with a heart that takes a part of the lungs.
    """

    steps: int
    peak: float
    dense_weight: float
    ill: float
    shares: Shares
    longest: float = 1.0
    heart: float = 0.0


STAGES = (
    Stage(2000, 5e-3, 2.5, 0.75, (0.2, 0.25, 0.25, 0.05, 0.25)),
    # Masses that merge with the mediastinum are what the first stage learns least; they are
    # told from a heart that reaches far to the side.
    Stage(600, 2e-3, 3.5, 0.9, (0.1, 0.5, 0.2, 0.02, 0.18), 1.8, 0.45),
)
