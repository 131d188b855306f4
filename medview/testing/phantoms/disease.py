"""`DenseDisease`: tumours, consolidation and effusion of known place inside the lungs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from medview.testing.phantoms.anatomy import ThoraxAnatomy
from medview.testing.phantoms.chest import lung
from medview.testing.phantoms.painter import Floats, Solid
from medview.testing.phantoms.solids import ellipsoid

DiseaseKind = Literal["tumour", "consolidation", "effusion"]


@dataclass(frozen=True, slots=True)
class DenseDisease:
    """Lung as dense as soft tissue, which no threshold tells from the chest wall.

    It never leaves its lung (fluid: its pleural cavity), so the truth of the
    phantom, which counts it as lung, stays what it is.

    Attributes
    ----------
    kind : {"tumour", "consolidation", "effusion"}
        A tumour is an ellipsoid, a consolidation one with airways left open, an effusion
        fluid behind a level.
    side : {"right", "left"}
    centre_lps_mm : (x, y, z)
        Of a tumour or consolidation, in a person of size 1.
    radii_mm : (x, y, z)
    level_y_mm : float
        An effusion fills what lies behind (larger y); the level of a lying person.
    """

    kind: DiseaseKind
    side: Literal["right", "left"]
    centre_lps_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    radii_mm: tuple[float, float, float] = (30.0, 30.0, 30.0)
    level_y_mm: float = 30.0

    @property
    def hu(self) -> float:
        """Hounsfield value that fills it."""
        return {"tumour": 45.0, "consolidation": 30.0, "effusion": 12.0}[self.kind]

    def solid(self, anatomy: ThoraxAnatomy) -> Solid:
        """The body to paint, cut off at the surface of its lung."""
        whole = lung(anatomy, self.side)
        shape = ellipsoid(self.centre_lps_mm, self.radii_mm)
        is_fluid = self.kind == "effusion"

        def distance(x: Floats, y: Floats, z: Floats) -> Floats:
            inner = self.level_y_mm - y if is_fluid else shape.distance(x, y, z)
            return np.asarray(np.maximum(whole.distance(x, y, z), inner), dtype=np.float32)

        return Solid(distance, whole.bounds if is_fluid else shape.bounds)


TUMOUR = DenseDisease("tumour", "right", (-52.0, 4.0, 10.0), (32.0, 30.0, 36.0))
CONSOLIDATION = DenseDisease("consolidation", "left", (82.0, 28.0, -58.0), (48.0, 44.0, 46.0))
EFFUSION = DenseDisease("effusion", "right", level_y_mm=34.0)
"""One of each kind: a tumour at the hilum, a lower lobe, and fluid behind the right lung."""
