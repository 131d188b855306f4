"""What lies around the person: table top, mattress and blanket."""

from __future__ import annotations

import numpy as np

from medview.testing.phantoms.anatomy import ThoraxAnatomy
from medview.testing.phantoms.painter import Floats, Painted, Solid

_LENGTH = 600.0


def surroundings(anatomy: ThoraxAnatomy) -> list[Painted]:
    """Objects outside of the body, in the order to paint them."""
    parts: list[Painted] = []
    if anatomy.table:
        parts += [
            Painted(_sagging(119.0, 4.0, 215.0), -880.0),
            Painted(_sagging(128.0, 2.2, 222.0), -180.0),
            Painted(_sagging(140.0, 9.5, 222.0), -930.0),
            Painted(_sagging(151.0, 1.6, 222.0), -120.0),
        ]
    if anatomy.blanket:
        parts.append(Painted(_cover(), -760.0))
    return parts


def _sagging(y: float, half: float, width: float) -> Solid:
    """A board that curves up at its sides."""

    def distance(x: Floats, yy: Floats, z: Floats) -> Floats:
        middle = y - 22.0 * (x / 215.0) ** 2
        return np.asarray(
            np.maximum(np.abs(yy - middle) - half, np.abs(x) - width) + 0 * z, dtype=np.float32
        )

    return Solid(distance, ((-width, y - 40, -_LENGTH), (width, y + 14, _LENGTH)))


def _cover() -> Solid:
    """A thin cloth with folds over the lower chest."""

    def distance(x: Floats, y: Floats, z: Floats) -> Floats:
        fold = 3.0 * np.sin(x / 17.0) * np.sin(z / 29.0 + x / 60.0)
        ring = ((np.abs(x) / 186) ** 2.4 + (np.abs(y) / 127) ** 2.4) ** (1 / 2.4)
        shell = np.abs((ring - 1) * 127 - fold) - 1.3
        return np.asarray(np.maximum(np.maximum(shell, y - 62), z + 30.0), dtype=np.float32)

    return Solid(distance, ((-195, -140, -_LENGTH), (195, 62, -30)))
