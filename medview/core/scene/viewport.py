"""Display state of one view; it lives here, never on the data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from medview.core.data.intensity import Window
from medview.core.scene.observable import Observable

PlaneName = Literal["axial", "coronal", "sagittal"]
Point = tuple[float, float, float]
SlabMode = Literal["none", "max", "min", "mean"]

_SOFT_TISSUE = Window(400.0, 40.0)


@dataclass(frozen=True, slots=True)
class SliceState:
    """How a slice view shows its volume.

    Attributes
    ----------
    plane : {"axial", "coronal", "sagittal"}
    focus_lps_mm : (x, y, z)
        Point in the middle of the view; its component along the normal is the slice.
    height_mm : float
        Height of the visible part; smaller is closer.
    window : Window
    inverted : bool
        White shows low values.
    smooth : bool
        Linear interpolation of the image (never of labels).
    rotation_deg : float
        Clockwise turn of the picture.
    flipped_horizontally, flipped_vertically : bool
    slab_mm : float
        Thickness that is projected; 0 shows one slice.
    slab_mode : {"none", "max", "min", "mean"}
    show_crosshair, show_text, show_layers : bool
    """

    plane: PlaneName = "axial"
    focus_lps_mm: Point = (0.0, 0.0, 0.0)
    height_mm: float = 300.0
    window: Window = field(default=_SOFT_TISSUE)
    inverted: bool = False
    smooth: bool = True
    rotation_deg: float = 0.0
    flipped_horizontally: bool = False
    flipped_vertically: bool = False
    slab_mm: float = 0.0
    slab_mode: SlabMode = "none"
    show_crosshair: bool = True
    show_text: bool = True
    show_layers: bool = True


@dataclass(frozen=True, slots=True)
class VolumeState:
    """How a volume view shows its volume.

    Attributes
    ----------
    preset : str
        Name of a transfer-function preset in ``resources/``.
    focus_lps_mm, position_lps_mm : (x, y, z)
        What the camera looks at, and from where.
    up : (x, y, z)
        LPS direction that points to the top of the screen.
    height_mm : float
        Height of the visible part at the focus (parallel projection).
    show_volume, show_layers, show_text : bool
    """

    preset: str = "CT bone"
    focus_lps_mm: Point = (0.0, 0.0, 0.0)
    position_lps_mm: Point = (0.0, -1000.0, 0.0)
    up: Point = (0.0, 0.0, 1.0)
    height_mm: float = 500.0
    show_volume: bool = True
    show_layers: bool = True
    show_text: bool = True


class SliceViewport(Observable[SliceState]):
    """The state of one slice view, observable."""


class VolumeViewport(Observable[VolumeState]):
    """The state of one volume view, observable."""
