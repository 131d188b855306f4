"""Generated images whose truth is known: an analytic thorax and simple geometric bodies."""

from __future__ import annotations

from medview.testing.phantoms.anatomy import ThoraxAnatomy
from medview.testing.phantoms.disease import CONSOLIDATION, EFFUSION, TUMOUR, DenseDisease
from medview.testing.phantoms.grids import FRAME, axial_grid, thorax_grid
from medview.testing.phantoms.nodules import DEFAULT_NODULES, PhantomNodule
from medview.testing.phantoms.simple import ball_phantom, marker_phantom, ramp_phantom
from medview.testing.phantoms.thorax import (
    AIRWAYS,
    LEFT_LUNG,
    RIGHT_LUNG,
    ThoraxPhantom,
    analytic_volumes_ml,
    thorax,
)

__all__ = [
    "AIRWAYS",
    "CONSOLIDATION",
    "DEFAULT_NODULES",
    "EFFUSION",
    "FRAME",
    "LEFT_LUNG",
    "RIGHT_LUNG",
    "TUMOUR",
    "DenseDisease",
    "PhantomNodule",
    "ThoraxAnatomy",
    "ThoraxPhantom",
    "analytic_volumes_ml",
    "axial_grid",
    "ball_phantom",
    "marker_phantom",
    "ramp_phantom",
    "thorax",
    "thorax_grid",
]
