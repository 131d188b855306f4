"""The crosshair that all views of a frame of reference share."""

from __future__ import annotations

from dataclasses import dataclass

from medview.core.scene.observable import Observable


@dataclass(frozen=True, slots=True)
class CursorState:
    """Position of the crosshair in LPS millimetres."""

    position_lps_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)


class Cursor(Observable[CursorState]):
    """The shared crosshair, observable."""
