"""`ThoraxAnatomy`: the size and make-up of the generated person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ThoraxAnatomy:
    """What the generated thorax is like. Lengths are mm of a person of size 1.

    The origin lies in the middle of the chest, 30 mm below the carina.

    Attributes
    ----------
    size : float
        Scales the whole person.
    right_lung, left_lung : bool
        False fills the side with fluid-like tissue, as after a removal.
    lung_hu : float
        Mean value of healthy parenchyma.
    junction_mm : float
        Tissue between both lungs in front of the heart; 0 lets them touch.
    heart : float
        Scales the heart.
    fat_mm : float
        Thickness of the subcutaneous fat.
    dome_right_mm, dome_left_mm : float
        Height (z) of the tops of the diaphragm.
    stomach_gas, bowel_gas : bool
        Gas below the diaphragm, which is no lung.
    arms : bool
        Arms beside the body.
    table, blanket : bool
        Patient table and cover, outside of the body.
    contrast_hu : float
        Added to blood.
    vessel_tips : int
        Ends of each of the four vessel trees; 0 leaves them out.
    """

    size: float = 1.0
    right_lung: bool = True
    left_lung: bool = True
    lung_hu: float = -865.0
    junction_mm: float = 5.0
    heart: float = 1.0
    fat_mm: float = 13.0
    dome_right_mm: float = -78.0
    dome_left_mm: float = -92.0
    stomach_gas: bool = True
    bowel_gas: bool = True
    arms: bool = False
    table: bool = True
    blanket: bool = True
    contrast_hu: float = 0.0
    vessel_tips: int = 650
