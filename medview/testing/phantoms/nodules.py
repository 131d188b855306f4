"""`PhantomNodule`: nodules of known place, size and density."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from medview.testing.phantoms.painter import Floats, Solid
from medview.testing.phantoms.solids import ball

Kind = Literal["solid", "part-solid", "ground-glass", "calcified"]


@dataclass(frozen=True, slots=True)
class PhantomNodule:
    """A nodule whose truth is known.

    Attributes
    ----------
    centre_lps_mm : (x, y, z)
    diameter_mm : float
        Of the ball; lobulation changes the radius by at most 8 percent.
    kind : {"solid", "part-solid", "ground-glass", "calcified"}
    lobulation : float
        0 is a perfect ball, 1 the strongest bumps.
    """

    centre_lps_mm: tuple[float, float, float]
    diameter_mm: float
    kind: Kind = "solid"
    lobulation: float = 0.0

    @property
    def hu(self) -> float:
        """Value of the outer part."""
        return {"solid": 38.0, "part-solid": -560.0, "ground-glass": -600.0, "calcified": 420.0}[
            self.kind
        ]

    def solids(self) -> list[tuple[Solid, float]]:
        """Bodies to paint, with their Hounsfield values."""
        parts = [(_bumpy(self.centre_lps_mm, self.diameter_mm / 2, self.lobulation), self.hu)]
        if self.kind == "part-solid":
            parts.append((ball(self.centre_lps_mm, 0.27 * self.diameter_mm), 30.0))
        return parts


DEFAULT_NODULES: tuple[PhantomNodule, ...] = (
    PhantomNodule((-92.0, 18.0, 38.0), 9.0, "solid", 0.5),
    PhantomNodule((-64.0, 56.0, -62.0), 14.0, "solid", 1.0),
    PhantomNodule((-98.0, -34.0, -22.0), 6.0, "calcified"),
    PhantomNodule((84.0, -28.0, 22.0), 17.0, "part-solid", 0.6),
    PhantomNodule((92.0, 40.0, -40.0), 12.0, "ground-glass", 0.4),
    PhantomNodule((72.0, 16.0, 74.0), 5.0, "solid"),
)
"""Six nodules of the sample study: three in each lung, all kinds."""


def _bumpy(centre: tuple[float, float, float], radius: float, amount: float) -> Solid:
    if amount == 0:
        return ball(centre, radius)
    cx, cy, cz = centre
    swing = np.float32(0.08 * amount)

    def distance(x: Floats, y: Floats, z: Floats) -> Floats:
        dx, dy, dz = x - cx, y - cy, z - cz
        r = np.sqrt(dx * dx + dy * dy + dz * dz)
        s = np.float32(1) / np.maximum(r, 1e-3)
        bumps = np.sin(4.1 * dx * s + 1.3) * np.sin(3.7 * dy * s + 0.4) * np.sin(4.7 * dz * s + 2.1)
        return np.asarray(r - radius * (1 + swing * bumps), dtype=np.float32)

    r = radius * 1.1
    return Solid(distance, ((cx - r, cy - r, cz - r), (cx + r, cy + r, cz + r)))
